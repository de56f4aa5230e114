"""Signatures that do and do not fit the starter's."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from exercises.spec import Exercise
from graders.contract import contract_error

STARTER = """
class Net(nn.Module):
    def __init__(self, size, *, bias=True): ...
    def forward(self, x): ...

def apply(x, y, scale=1.0): ...
"""
NET = """
class Net(nn.Module):
    def __init__(self, size, *, bias=True): pass
    def forward(self, x): pass
"""


def problem(attention: Exercise, source: str, *requires: str) -> str | None:
    exercise = replace(attention, starter=STARTER, requires=requires)
    text = contract_error(ast.parse(source), exercise)
    return text.replace("\xa0", " ") if text else None


@pytest.mark.parametrize(
    "source",
    [
        "def apply(x, y, scale=1.0): pass",
        "def apply(first, second, scale=2): pass",
        "def apply(x, y, scale=1.0, extra=None): pass",
        "def apply(*args, **kwargs): pass",
        "def apply(x, y, *, scale=1.0): pass",
        "apply = lambda x, y, scale=1.0: x",
        "from elsewhere import apply",
        "from elsewhere import *",
        "@decorated\ndef apply(): pass",
        "if True:\n    def apply(x, y, scale=1): pass",
        "def apply(): pass\ndef apply(x, y, scale=1): pass",
        "for apply in [abs]: pass",
    ],
)
def test_a_function_that_takes_every_call_is_accepted(
    attention: Exercise, source: str
) -> None:
    assert problem(attention, source, "apply") is None


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ("x = 1", "не найдено"),
        ("def f():\n    def apply(x, y, scale=1): pass", "не найдено"),
        ("def apply(x, scale=1.0): pass", "не принимается аргумент scale"),
        ("def apply(x): pass", "принимается 1"),
        ("def apply(x, y, z, scale=1.0): pass", "не 3"),
        ("def apply(x, y): pass", "scale"),
        ("def apply(x, y, scale=1, *, more): pass", "more"),
        ("async def apply(x, y, scale=1.0): pass", "асинхронной"),
        ("class apply: pass", "функцией"),
    ],
)
def test_a_function_that_would_refuse_a_call_is_told(
    attention: Exercise, source: str, word: str
) -> None:
    assert word in (problem(attention, source, "apply") or "")


def test_a_fitting_class_is_accepted(attention: Exercise) -> None:
    assert problem(attention, NET, "Net") is None


def test_a_missing_method_is_told(attention: Exercise) -> None:
    source = NET.replace("forward", "call")
    assert "нет метода forward" in (problem(attention, source, "Net") or "")


def test_a_method_may_be_inherited(attention: Exercise) -> None:
    assert problem(attention, "class Net(Base): pass", "Net") is None


def test_a_base_as_deep_as_a_student_likes_is_not_followed(
    attention: Exercise,
) -> None:
    source = f"class Net(Base{'.a' * 2000}): pass"
    assert problem(attention, source, "Net") is None


def test_a_method_with_the_wrong_signature_is_told(attention: Exercise) -> None:
    source = NET.replace("self, x", "self")
    assert "Net.forward(self, x)" in (problem(attention, source, "Net") or "")


def test_a_function_instead_of_a_class_is_told(attention: Exercise) -> None:
    assert "классом" in (problem(attention, "def Net(size): pass", "Net") or "")
