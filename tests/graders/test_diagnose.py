"""What counts as evidence of a known mistake, beside equal outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from exercises.spec import Exercise, load_exercise
from graders.pipeline import grade
from graders.reference import react, trusted
from graders.report import Report
from graders.sandbox.session import Failure, Outcome
from tests.graders.conftest import SEED
from tests.graders.test_pipeline import Fake

DEEP = 1000  # steps


def with_checks(slug: str, *names: str) -> Exercise:
    """The exercise with only these checks."""
    exercise = trusted(load_exercise(slug)).exercise  # its code is loaded for all
    few = [check for check in exercise.checks if check.name in names]
    return replace(exercise, checks=tuple(few))


@pytest.fixture(scope="module")
def engine() -> Exercise:
    return with_checks("train_autograd_engine", "reuse", "depth", "rules")


@pytest.fixture(scope="module")
def layers() -> Exercise:
    return with_checks("rnn_lstm_gru", "memory")


def graded(
    exercise: Exercise, answer: Callable[[Mapping[str, Any]], Outcome]
) -> Report:
    source = (exercise.folder / "reference.py").read_text()
    return grade(source, exercise, Fake(answer), seed=SEED)


def outcome(code: Any, module: Any, inputs: Mapping[str, Any]) -> Outcome:
    reaction = react(code.probe, module, inputs)
    if reaction.raised:
        return Outcome(failure=Failure.RAISED, error_type=reaction.raised)
    return Outcome(value=reaction.value)


def failing_when_deep(exercise: Exercise, error: str) -> Report:
    """Right answers, but an exception on a deep graph."""
    code = trusted(exercise)

    def answer(inputs: Mapping[str, Any]) -> Outcome:
        if len(inputs["steps"]) > DEEP:
            return Outcome(failure=Failure.RAISED, error_type=error)
        return outcome(code, code.reference, inputs)

    return graded(exercise, answer)


def test_an_exception_with_one_cause_is_evidence(engine: Exercise) -> None:
    report = failing_when_deep(engine, "RecursionError")
    assert report.mistake
    assert report.mistake.id == "recursion"


def test_an_exception_with_many_causes_is_none(engine: Exercise) -> None:
    assert failing_when_deep(engine, "RuntimeError").mistake is None


def test_what_a_mistake_does_to_memory_tells_it_from_none(layers: Exercise) -> None:
    code = trusted(layers)
    spoiling = code.mistakes["state_in_place"]
    report = graded(layers, lambda inputs: outcome(code, spoiling, inputs))
    assert report.mistake
    assert report.mistake.id == "state_in_place"


def test_another_argument_spoiled_is_another_mistake(layers: Exercise) -> None:
    code = trusted(layers)

    def answer(inputs: Mapping[str, Any]) -> Outcome:
        value = react(code.probe, code.reference, inputs).value
        value["after"]["args"][0] += 1
        return Outcome(value=value)

    report = graded(layers, answer)
    assert "изменился аргумент x" in report.checks[0].message
    assert report.mistake is None
