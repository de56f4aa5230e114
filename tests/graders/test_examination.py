"""What is kept of an answer until all of them are judged."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from exercises.authoring import call
from exercises.spec import Exercise
from graders.cases import Prepared
from graders.examination import kept
from graders.reference import Reaction
from graders.sandbox.session import Outcome


@pytest.fixture
def prepared(attention: Exercise) -> Prepared:
    case = call("attention")
    expected = Reaction({"output": torch.ones(100_000), "grads": {}})
    return Prepared(attention.checks[0], 0, case, case.inputs, expected)


@pytest.mark.parametrize(
    "value",
    [torch.ones(1 << 20), ["x" * 1_000_000] * 4, [0] * 90_000, {"a": torch.ones(9**7)}],
    ids=["tensor", "texts", "items", "part"],
)
def test_an_answer_far_larger_than_the_expected_is_let_go(
    prepared: Prepared, value: Any
) -> None:
    assert kept(prepared, Outcome(value=value, stdout="x")) == Outcome(stdout="x")


@pytest.mark.parametrize(
    "value",
    [torch.ones(2, 100_000), [torch.ones(9), "x"], None],
    ids=["tensor", "list", "None"],
)
def test_any_other_wrong_answer_is_kept_for_the_diagnosis(
    prepared: Prepared, value: Any
) -> None:
    outcome = Outcome(value=value)
    assert kept(prepared, outcome) is outcome
