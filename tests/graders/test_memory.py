"""What is told about memory comes from a hostile process: nothing in it is believed."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from exercises.authoring import Case, call
from graders.memory import Misuse, answer_of, map_answer, misuse
from graders.sandbox.session import Opaque

X = torch.tensor([1.0, torch.nan, torch.inf])


@pytest.fixture
def case() -> Case:
    return call("f", X, (X, 3), b=None).leaves_inputs_alone().not_aliasing()


def value(**parts: Any) -> dict[str, Any]:
    """What an honest runner sends, with some of it replaced."""
    output = torch.ones(2)
    after = {"args": [X.clone(), [X.clone(), 3]], "kwargs": {"b": None}}
    honest = {"output": output, "grads": {}, "after": after, "later": output.clone()}
    return {**honest, **parts}


def test_an_honest_one_is_no_misuse(case: Case) -> None:
    assert misuse(case, case.inputs, value()) is None


def test_an_exception_tells_nothing_about_memory(case: Case) -> None:
    assert misuse(case, case.inputs, None) is None


@pytest.mark.parametrize(
    ("after", "path"),
    [
        (None, ()),
        ({}, ()),
        ([], ()),
        ({"args": []}, ("args",)),
        ({"args": "ab"}, ("args",)),
        ({"args": Opaque("list")}, ("args",)),
        ({"args": [X, [X, 3, 4]]}, ("args", 1)),
        ({"args": [X, [X, 4]]}, ("args", 1, 1)),
        ({"args": [X, [X.double(), 3]]}, ("args", 1, 0)),
        ({"args": [X[None], [X, 3]]}, ("args", 0)),
        ({"args": [X.nan_to_num(0), [X, 3]]}, ("args", 0)),
        ({"args": [Opaque("tensor"), [X, 3]]}, ("args", 0)),
        ({"kwargs": {"b": 1}}, ("kwargs", "b")),
        ({"kwargs": {"b": None, "c": 1}}, ("kwargs",)),
        ({"SECRET": 1}, ()),
        ({"kwargs": {"b": {"SECRET": 1}}}, ("kwargs", "b")),
    ],
)
def test_the_first_argument_that_differs_is_named(
    case: Case, after: Any, path: tuple[str | int, ...]
) -> None:
    assert misuse(case, case.inputs, value(after=after)) == Misuse("inputs", path)


@pytest.mark.parametrize(
    "later", [None, torch.zeros(2), torch.ones(3), [torch.ones(2)], Opaque("tensor")]
)
def test_an_output_that_is_another_later_shares_memory(case: Case, later: Any) -> None:
    assert misuse(case, case.inputs, value(later=later)) == Misuse("memory")


def test_a_change_of_one_bit_is_one() -> None:
    case = call("f", torch.ones(2, dtype=torch.float64)).leaves_inputs_alone()
    almost = torch.tensor([1.0, 1 + 2**-52], dtype=torch.float64)
    found = misuse(case, case.inputs, value(after={"args": [almost], "kwargs": {}}))
    assert found == Misuse("inputs", ("args", 0))


def test_the_answer_is_told_apart_from_what_is_told_about_memory() -> None:
    assert set(answer_of(value())) == {"output", "grads"}
    assert answer_of(Opaque("x")) == Opaque("x")


def test_an_answer_is_changed_without_its_testimony(case: Case) -> None:
    changed = map_answer(lambda x: x * 3, value())
    assert changed["output"].tolist() == changed["later"].tolist() == [3, 3]
    assert misuse(case, case.inputs, changed) is None
    assert map_answer(lambda x: x * 3, torch.ones(1)).item() == 3
