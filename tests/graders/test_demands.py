"""What a case may demand beside values: an exception, a pace, small intermediates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from exercises.authoring import (
    Case,
    Generator,
    call,
    close,
    earlier,
    in_turn,
    normal,
    rule,
)
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


SPOILING = RIGHT.replace("    return", "    v += 1\n    return w @ (v - 1), w  #")
SAME = "def attention(q, k, v, mask=None, causal=False):\n    return {}\n"


def same(monkeypatch: pytest.MonkeyPatch, attention: Exercise) -> None:
    """Let the reference return a copy of its first argument."""
    reference = trusted(attention).reference
    monkeypatch.setattr(reference, "attention", lambda q, k, v: q.clone())


def test_an_argument_that_was_changed_is_told_by_name(demand: Demand) -> None:
    result = demand(Case.leaves_inputs_alone, SPOILING)
    assert not result.passed
    assert "изменился аргумент v" in result.message
    details = {"difference": "inputs", "path": ["args", 2]}
    assert details.items() <= result.details.items()


def test_a_wrong_value_is_told_before_what_it_did_to_memory(demand: Demand) -> None:
    wrong = SPOILING.replace("/ math", "* math")
    result = demand(Case.leaves_inputs_alone, wrong)
    assert "не совпадает ни один" in result.message


def test_arguments_left_alone_pass(demand: Demand) -> None:
    assert demand(Case.leaves_inputs_alone, RIGHT).passed


def test_without_the_demand_arguments_may_be_changed(demand: Demand) -> None:
    assert demand(lambda case: case, SPOILING).passed


def test_a_list_that_grew_is_a_changed_argument(
    demand: Demand, attention: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = trusted(attention).reference
    monkeypatch.setattr(reference, "attention", lambda q, k, v, mask: q + len(mask))
    body = "mask.append(1); return q + len(mask) - 1"
    source = f"def attention(q, k, v, mask=None, causal=False):\n    {body}\n"

    def listed(case: Case) -> Case:
        inputs = {**case.inputs, "kwargs": {"mask": [1, 2]}}
        return replace(case, inputs=inputs).leaves_inputs_alone()

    assert "изменился аргумент mask" in demand(listed, source).message
    assert demand(listed, source.replace(".append(1)", " = [*mask, 1]")).passed


def test_an_answer_in_an_arguments_memory_is_told(
    demand: Demand, attention: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    same(monkeypatch, attention)
    for output in ("q", "q.view(-1).view(q.shape)", "torch.from_numpy(q.numpy())"):
        result = demand(Case.not_aliasing, SAME.format(output))
        assert "делит память с аргументом" in result.message
    assert demand(Case.not_aliasing, SAME.format("q.clone()")).passed


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("q.fill_(2); return q", ""),
        ("q[...] = 2; return q.clone()", ""),
        ("return torch.full_like(q, 2)", "в аргументе q после вызова лежит не он"),
        ("q.fill_(2); k.zero_(); return q", "изменился аргумент k"),
    ],
)
def test_an_answer_is_demanded_in_place(
    demand: Demand,
    attention: Exercise,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    told: str,
) -> None:
    reference = trusted(attention).reference
    monkeypatch.setattr(reference, "attention", lambda q, k, v: q.fill_(2))
    source = f"def attention(q, k, v, mask=None, causal=False):\n    {body}\n"
    result = demand(lambda case: case.in_place(0), source)
    assert result.passed is not bool(told)
    assert told in result.message


@pytest.mark.parametrize(
    "add", [Case.leaves_inputs_alone, Case.not_aliasing, lambda case: case.in_place(1)]
)
def test_a_reference_that_breaks_the_demand_is_the_authors_fault(
    demand: Demand,
    attention: Exercise,
    monkeypatch: pytest.MonkeyPatch,
    add: Callable[[Case], Case],
) -> None:
    reference = trusted(attention).reference
    monkeypatch.setattr(reference, "attention", lambda q, k, v: q.add_(1))
    assert demand(add, RIGHT).message == "Не проверялось."


FORGING = """
import sys
def attention(q, k, v, mask=None, causal=False):
    frame = sys._getframe()
    while frame is not None:
        inputs = frame.f_locals.get("inputs")
        if type(inputs) is dict and "after" in inputs:
            inputs.pop("after")
        frame = frame.f_back
    w = torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), -1)
    return w @ v, w
"""


def test_arguments_that_do_not_come_back_are_no_excuse(demand: Demand) -> None:
    assert demand(lambda case: case, FORGING).passed
    result = demand(Case.leaves_inputs_alone, FORGING)
    assert "изменился аргумент" in result.message


def test_calls_in_turn_are_compared_and_told_by_number(demand: Demand) -> None:
    counting = "calls = []\n" + RIGHT.replace(
        "    return w @ v, w", "    calls.append(1)\n    return w @ v, w * len(calls)"
    )
    result = demand(lambda case: in_turn(case, case), counting)
    assert result.message.startswith("Вызов 2, weights: ")
    assert demand(lambda case: in_turn(case, case), RIGHT).passed


def test_properties_may_span_calls(demand: Demand) -> None:
    alike = rule(
        "Вызовы различаются.",
        lambda v, i: close(*(a["output"][0] for a in v["answers"])),
    )
    random = RIGHT.replace("w @ v, w", "w @ v + torch.randn(()), w")

    def twice(case: Case) -> Case:
        return in_turn(case, case).holds(alike)

    assert demand(twice, random).message == "Вызовы различаются."
    assert demand(twice, RIGHT).passed


def test_a_later_call_may_use_an_earlier_answer(demand: Demand) -> None:
    def chained(case: Case) -> Case:
        return in_turn(case, call("attention", earlier(0, 0), *case.inputs["args"][1:]))

    assert demand(chained, RIGHT).passed
    nothing = "def attention(q, k, v, mask=None, causal=False): pass\n"
    assert "Вызов 1, результат: получено None" in demand(chained, nothing).message
