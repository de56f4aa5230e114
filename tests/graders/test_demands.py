"""What a case may demand beside values: an exception, a pace, small intermediates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from exercises.authoring import Case, Generator, call, normal
from exercises.spec import Exercise, Limits
from graders.cases import TRANSPORT_MS
from graders.pipeline import grade
from graders.reference import trusted
from graders.report import CheckResult
from graders.sandbox.session import Sandbox
from tests.graders.conftest import SEED

HEADER = "import math, time, torch\n"
RIGHT = """
def attention(q, k, v, mask=None, causal=False):
    w = torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), -1)
    return w @ v, w
"""
Demand = Callable[[Callable[[Case], Case], str], CheckResult]


@pytest.fixture
def demand(
    attention: Exercise, real_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Demand:
    """Grade a source against one case of attention with a demand added."""
    code = trusted(attention)
    alone = replace(
        attention, checks=attention.checks[:1], limits=Limits(time_s=5, memory_mb=512)
    )

    def graded(add: Callable[[Case], Case], source: str) -> CheckResult:
        def cases(g: Generator) -> Iterator[Case]:
            yield add(call("attention", *(normal(g, 1, 9, 4) for _ in "qkv")))

        monkeypatch.setitem(code.checks, attention.checks[0].name, cases)
        return grade(HEADER + source, alone, real_sandbox, seed=SEED).checks[0]

    return graded


def refuse(monkeypatch: pytest.MonkeyPatch, attention: Exercise) -> None:
    """Let the reference refuse everything."""

    def refusing(*args: Any) -> None:
        raise ValueError("odd")

    monkeypatch.setattr(trusted(attention).reference, "attention", refusing)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise ValueError('whatever')", ""),
        ("raise IndexError('odd')", "возникло другое"),
        ("return torch.ones(1), torch.ones(1)", "функция вернула значение"),
        ("while True: pass", "не уложилось"),
    ],
)
def test_an_exception_is_demanded(
    demand: Demand,
    attention: Exercise,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    told: str,
) -> None:
    refuse(monkeypatch, attention)
    source = f"def attention(q, k, v, mask=None, causal=False):\n    {body}\n"
    result = demand(lambda case: case.raises("ValueError"), source)
    assert result.passed is not bool(told)
    assert told in result.message


def test_a_large_tensor_on_the_way_is_told(demand: Demand) -> None:
    result = demand(lambda case: case.largest_tensor(80), RIGHT)
    assert not result.passed
    assert "тензор из 81\u00a0элемента" in result.message
    assert result.details["allowed"] == 80


def test_tensors_of_the_allowed_size_pass(demand: Demand) -> None:
    assert demand(lambda case: case.largest_tensor(81), RIGHT).passed


def test_the_largest_tensor_is_told_with_its_line(demand: Demand) -> None:
    result = demand(lambda case: case.largest_tensor(80), RIGHT)
    assert result.message.startswith("Строка\xa04: ответ верный, но по дороге")
    assert (result.details["line"], result.details["cell"]) == (4, None)


BY_ROWS = """
def attention(q, k, v, mask=None, causal=False):
    w = []
    for row in (q @ k.mT / math.sqrt(q.shape[-1]))[0]:
        w.append(torch.softmax(row, -1))
    w = torch.stack(w)[None]
    return w @ v, w
"""


def test_operators_are_counted_over_all_names_that_fit(demand: Demand) -> None:
    assert demand(lambda case: case.calls("aten::*mm", at_most=2), RIGHT).passed
    result = demand(lambda case: case.calls("aten::*mm", at_most=1), RIGHT)
    assert "ответ верный, но операция aten::bmm вызвана 2\xa0раза" in result.message
    assert "разрешено не больше\xa01." in result.message
    details = {"difference": "calls", "pattern": "aten::*mm", "calls": 2, "allowed": 1}
    assert details.items() <= result.details.items()


def test_a_loop_shows_as_a_count_and_a_line(demand: Demand) -> None:
    result = demand(lambda case: case.calls("*softmax*", at_most=3), BY_ROWS)
    names = "torch.softmax и\xa0aten::_softmax"
    assert f"операции {names} вызваны 18\xa0раз, " in result.message
    assert result.details["line"] == 6


def test_functions_are_counted_as_they_are_called(demand: Demand) -> None:
    result = demand(lambda case: case.calls("torch.softmax", at_most=8), BY_ROWS)
    assert "операция torch.softmax вызвана 9\xa0раз, " in result.message


def test_the_count_of_all_operators_has_a_name_of_its_own(demand: Demand) -> None:
    result = demand(lambda case: case.calls("aten::*", at_most=0), RIGHT)
    assert "но операции PyTorch вызваны " in result.message


def test_the_first_limit_that_is_exceeded_is_told(demand: Demand) -> None:
    def add(case: Case) -> Case:
        return case.calls("aten::*mm", at_most=2).calls("*softmax", at_most=0)

    assert demand(add, RIGHT).details["pattern"] == "*softmax"


def test_a_wrong_value_is_told_before_its_count(demand: Demand) -> None:
    wrong = RIGHT.replace("/ math", "* math")
    result = demand(lambda case: case.calls("aten::*", at_most=0), wrong)
    assert result.details["difference"] == "values"


def test_a_wrong_value_is_told_before_its_cost(demand: Demand) -> None:
    wrong = RIGHT.replace("/ math", "* math")
    result = demand(lambda case: case.largest_tensor(1), wrong)
    assert "не совпадает ни один" in result.message


def test_a_pace_like_the_references_passes(demand: Demand) -> None:
    assert demand(lambda case: case.no_slower_than(10), RIGHT).passed


def test_a_slow_answer_is_told_with_both_times(demand: Demand) -> None:
    slow = RIGHT.replace("    w =", "    time.sleep(2)\n    w =")
    result = demand(lambda case: case.no_slower_than(10), slow)
    assert not result.passed
    assert result.details["difference"] == "time"
    assert result.details["wall_ms"] > result.details["allowed_ms"] > TRANSPORT_MS


def test_an_answer_kept_from_the_first_call_does_not_help(demand: Demand) -> None:
    kept = (
        "kept = {}\ninner = None\n"
        + RIGHT.replace("def attention", "def slowly").replace(
            "    w =", "    time.sleep(2)\n    w ="
        )
        + "def attention(q, k, v, mask=None, causal=False):\n"
        + "    if 'answer' not in kept: kept['answer'] = slowly(q, k, v)\n"
        + "    return kept['answer']\n"
    )
    assert not demand(lambda case: case.no_slower_than(10), kept).passed


def test_timing_the_reference_leaves_the_random_state_alone(demand: Demand) -> None:
    before = torch.random.get_rng_state()
    assert demand(lambda case: case.no_slower_than(10), RIGHT).passed
    assert torch.equal(torch.random.get_rng_state(), before)
