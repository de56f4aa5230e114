"""Time on a GPU: who is measured when, with what inputs, and against what."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
import torch

from exercises.authoring import Case, Generator
from exercises.spec import Exercise
from graders.attendant import Attendant
from graders.cases import TRANSPORT_MS, Prepared, again, prepare
from graders.errors import ExerciseBroken
from graders.examination import PACE_RETRIES
from graders.pacing import COUNTED, WARM_UPS, Measured, measure
from graders.pipeline import grade
from graders.reference import trusted
from graders.sandbox.session import Failure, Job, Outcome
from graders.verdicts import Verdict
from tests.graders.conftest import SEED
from tests.graders.scripted import (
    Script,
    Scripted,
    attention_case,
    right,
    with_gpu_check,
)

THEIRS = "def attention(q, k, v, mask=None, causal=False):\n    return 1\n"
TIMES = 5
CALLS = WARM_UPS + COUNTED


def timed_case(g: Generator) -> Case:
    return attention_case(g).no_slower_than(TIMES)


@pytest.fixture
def exercise(attention: Exercise, monkeypatch: pytest.MonkeyPatch) -> Exercise:
    """Attention, with a timed case on a GPU."""
    return with_gpu_check(attention, monkeypatch, timed_case)


@pytest.fixture
def prepared(exercise: Exercise) -> Prepared:
    return next(prepare(trusted(exercise), exercise.checks[-1], SEED))


def timed(
    exercise: Exercise, walls: Iterator[float], *, reference: tuple[float, float]
) -> Script:
    """Right answers: the submission's in these times, the reference's in its own."""
    answer = right(exercise)

    def script(job: Job, inputs: Mapping[str, Any]) -> Outcome:
        outcome = answer(job, inputs)
        if job.source == THEIRS:
            return replace(outcome, wall_ms=next(walls), inside_ms=0.001)
        wall, inside = reference
        return replace(outcome, wall_ms=wall, inside_ms=inside)

    return script


@contextmanager
def measured(
    exercise: Exercise, prepared: Prepared, script: Script
) -> Iterator[tuple[Measured, Scripted]]:
    gpu = Scripted(script)
    job = Job(THEIRS, None, ("attention",))
    with Attendant(gpu, job) as attendant:
        yield measure(trusted(exercise), prepared, SEED, attendant), gpu


def measured_in(
    exercise: Exercise, prepared: Prepared, *walls: float
) -> tuple[Measured, Scripted]:
    """The submission's walls; the reference takes 100 ms, of which it computes 10."""
    script = timed(exercise, iter(walls), reference=(100.0, 10.0))
    with measured(exercise, prepared, script) as found:
        return found


ALLOWED = 90 + TIMES * 10 + TRANSPORT_MS


def test_the_reference_is_measured_after_the_submission_in_a_runner_of_its_own(
    exercise: Exercise, prepared: Prepared
) -> None:
    found, gpu = measured_in(exercise, prepared, *[50.0] * CALLS)
    assert found.finding is None
    reference = (exercise.folder / "reference.py").read_text()
    assert [job.source for job in gpu.jobs] == [THEIRS, reference]


def test_both_get_the_same_inputs_which_are_others_each_time(
    exercise: Exercise, prepared: Prepared
) -> None:
    _, gpu = measured_in(exercise, prepared, *[50.0] * CALLS)
    queries = [inputs["args"][0] for inputs in gpu.asked]
    theirs, ours = queries[:CALLS], queries[CALLS:]
    assert all(torch.equal(a, b) for a, b in zip(theirs, ours, strict=True))
    distinct = {tuple(query.flatten().tolist()) for query in theirs}
    assert len(distinct) == CALLS


def test_the_median_counts_and_the_warm_up_does_not(
    exercise: Exercise, prepared: Prepared
) -> None:
    walls = [9999.0] * WARM_UPS + [9000.0, ALLOWED - 1, 1.0]
    found, _ = measured_in(exercise, prepared, *walls)
    assert found.finding is None
    assert found.outcome.wall_ms == ALLOWED - 1
    assert found.prepared.allowed_ms == ALLOWED


def test_the_way_is_paid_once_and_the_computation_several_times(
    exercise: Exercise, prepared: Prepared
) -> None:
    found, _ = measured_in(exercise, prepared, *[ALLOWED + 1] * CALLS)
    assert found.finding
    assert found.finding.verdict is Verdict.TIME_LIMIT
    assert found.finding.details["allowed_ms"] == ALLOWED


def spoiled_at(exercise: Exercise, number: int) -> Script:
    """Fast and right, but for one answer."""
    answer, calls = timed(exercise, count(1.0), reference=(1.0, 1.0)), count()

    def script(job: Job, inputs: Mapping[str, Any]) -> Outcome:
        outcome = answer(job, inputs)
        if next(calls) != number:
            return outcome
        output = [part + 1 for part in outcome.value["output"]]
        return replace(outcome, value={**outcome.value, "output": tuple(output)})

    return script


@pytest.mark.parametrize("number", range(CALLS))
def test_every_answer_is_judged_however_fast(
    exercise: Exercise, prepared: Prepared, number: int
) -> None:
    with measured(exercise, prepared, spoiled_at(exercise, number)) as (found, gpu):
        assert found.finding
        assert found.finding.verdict is Verdict.WRONG_ANSWER
        assert len(gpu.jobs) == 1  # the reference need not be asked any more


def test_what_a_submission_says_of_its_time_is_not_believed(
    exercise: Exercise, prepared: Prepared
) -> None:
    """In ``timed`` it says that everything took a microsecond."""
    found, _ = measured_in(exercise, prepared, *[ALLOWED + 1] * CALLS)
    assert found.outcome.wall_ms == ALLOWED + 1


def test_a_reference_that_fails_there_is_the_exercises_fault(
    exercise: Exercise, prepared: Prepared
) -> None:
    answer = right(exercise)

    def script(job: Job, inputs: Mapping[str, Any]) -> Outcome:
        if job.source == THEIRS:
            return answer(job, inputs)
        return Outcome(failure=Failure.MEMORY)

    with (
        pytest.raises(ExerciseBroken, match="reference fails on the device: memory"),
        measured(exercise, prepared, script),
    ):
        pass


def runners_for(exercise: Exercise, walls: Callable[[], Iterator[float]]) -> list[str]:
    gpu = Scripted(timed(exercise, walls(), reference=(100.0, 10.0)))
    grade(THEIRS, exercise, Scripted(right(exercise)), gpu, seed=SEED)
    return [job.source for job in gpu.jobs if job.source == THEIRS]


def test_a_late_answer_is_measured_again_a_few_times(exercise: Exercise) -> None:
    late = runners_for(exercise, lambda: count(1000.0))
    assert len(late) == 1 + PACE_RETRIES
    assert len(runners_for(exercise, lambda: count(1.0))) == 1


def test_the_same_case_of_another_seed_has_other_numbers(
    exercise: Exercise, prepared: Prepared
) -> None:
    code = trusted(exercise)
    one, other, same = (again(code, prepared, seed) for seed in ("a", "b", "a"))
    first, second, third = (case.inputs["args"][0] for case in (one, other, same))
    assert first.shape == second.shape
    assert not torch.equal(first, second)
    assert torch.equal(first, third)


def test_a_case_that_only_some_seeds_have_is_the_exercises_fault(
    exercise: Exercise, prepared: Prepared
) -> None:
    missing = replace(prepared, number=7)
    with pytest.raises(ExerciseBroken, match="depends on the seed"):
        again(trusted(exercise), missing, "a")
