"""A student's source as a module, and what is told of its errors."""

from __future__ import annotations

import inspect

import pytest

from graders.runner import solution


def failing(source: str, call: str = "f") -> BaseException:
    with pytest.raises(Exception) as caught:
        getattr(solution.load(source), call)()
    return caught.value


def test_the_module_can_be_inspected_and_holds_dataclasses() -> None:
    source = (
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "@dataclass\nclass A:\n    x: int = 3\n"
    )
    module = solution.load(source)
    assert module.A().x == 3
    assert "x: int = 3" in inspect.getsource(module.A)


def test_a_traceback_shows_only_the_students_lines() -> None:
    source = "import torch\ndef f():\n    return torch.ones(2) @ torch.ones(3)\n"
    text = solution.student_lines(failing(source))
    assert 'File "solution.py", line 3, in f' in text
    assert "torch.ones(2) @ torch.ones(3)" in text
    assert text.count("File") == 1


def test_our_own_functions_do_not_leak_into_it() -> None:
    source = "import json\ndef f():\n    json.loads('{')\n"
    text = solution.student_lines(failing(source))
    assert text.count("File") == 1


def test_a_syntax_error_shows_its_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        solution.load("x = 1\ndef f(:\n    pass\n")
    text = solution.student_lines(caught.value)
    assert "line 2" in text
    assert "def f(:" in text


def test_a_message_that_cannot_be_made_is_empty() -> None:
    class Rude(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert solution.message(Rude()) == ""


def test_messages_are_capped() -> None:
    assert len(solution.message(ValueError("x" * 10**6))) == solution.TEXT


@pytest.mark.parametrize("value", ["5", "None", "[]"])
def test_a_required_name_must_be_callable(value: str) -> None:
    module = solution.load(f"f = {value}\nclass A: pass\ndef g(): pass\n")
    assert solution.undefined(module, ("f", "A", "g", "h")) == ["f", "h"]
