"""Checks that need a GPU: where they run, and that they change nobody's points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch

from exercises.authoring import build
from exercises.spec import Exercise
from graders.attendant import BUDGET_S, RESTARTS, Attendant, Budget
from graders.errors import SandboxUnavailable
from graders.pipeline import grade, job_for
from graders.report import CheckResult, Report
from graders.sandbox.session import Failure, Job, Outcome
from graders.score import SENTENCES
from graders.soundness import check_exercise
from graders.verdicts import Verdict
from tests.graders.conftest import SEED
from tests.graders.scripted import Scripted, right, with_gpu_check

SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return 1\n"


@pytest.fixture
def exercise(attention: Exercise, monkeypatch: pytest.MonkeyPatch) -> Exercise:
    """Attention, with one check more on a GPU."""
    return with_gpu_check(attention, monkeypatch)


@pytest.fixture
def needing(exercise: Exercise) -> Exercise:
    """The same, all of it on a GPU."""
    checks = tuple(
        replace(check, device="gpu", points=1.0) for check in exercise.checks
    )
    return replace(exercise, device="gpu", checks=checks)


def wrong(job: Job, inputs: Mapping[str, Any]) -> Outcome:
    return Outcome(value={"output": torch.zeros(1), "grads": {}})


def failing(failure: Failure):
    return lambda job, inputs: Outcome(failure=failure)


def run(exercise: Exercise, gpu: Scripted | None) -> Report:
    return grade(SOURCE, exercise, Scripted(right(exercise)), gpu, seed=SEED)


def on_gpu(report: Report) -> CheckResult:
    (found,) = (check for check in report.checks if check.name == "gpu")
    assert found.device == "gpu"
    return found


# --- without one


def test_without_a_gpu_the_check_is_waived_and_costs_nothing(
    exercise: Exercise,
) -> None:
    report = run(exercise, None)
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)
    check = on_gpu(report)
    assert (check.waived, check.passed) == (True, False)
    assert (check.points, check.max_points) == (0, 0)
    assert check.message == "Не проверялось: нужна видеокарта."
    assert "её сейчас нет" in report.message


def test_all_other_checks_say_that_they_were_judged(exercise: Exercise) -> None:
    report = run(exercise, None)
    assert [check.name for check in report.checks if check.waived] == ["gpu"]


def test_an_exercise_that_needs_one_is_not_graded_without(needing: Exercise) -> None:
    with pytest.raises(SandboxUnavailable, match="needs a GPU; set GPU_SANDBOX"):
        grade(SOURCE, needing, Scripted(right(needing)), seed=SEED)


# --- with one


def test_what_passes_on_the_gpu_too_is_told_in_the_usual_words(
    exercise: Exercise,
) -> None:
    report = run(exercise, Scripted(right(exercise)))
    assert report.message == SENTENCES[Verdict.ACCEPTED]
    assert on_gpu(report).passed
    assert on_gpu(report).message == "Верно: 1\u00a0случай."


def test_each_check_is_put_to_a_runner_of_its_device(exercise: Exercise) -> None:
    cpu, gpu = Scripted(right(exercise)), Scripted(right(exercise))
    grade(SOURCE, exercise, cpu, gpu, seed=SEED)
    alone = Scripted(right(exercise))
    grade(SOURCE, exercise, alone, seed=SEED)
    assert len(gpu.asked) == 1
    assert len(cpu.asked) == len(alone.asked) > 10


@pytest.mark.parametrize("failure", [None, *Failure])
def test_nothing_that_happens_there_changes_verdict_or_score(
    exercise: Exercise, failure: Failure | None
) -> None:
    report = run(exercise, Scripted(failing(failure) if failure else wrong))
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)
    assert report.mistake is None
    assert not on_gpu(report).passed
    assert on_gpu(report).message
    assert report.message.startswith("Все проверки на баллы пройдены. На видеокарте")


def test_a_wrong_solution_is_as_wrong_with_a_gpu(exercise: Exercise) -> None:
    reports = [
        grade(SOURCE, exercise, Scripted(wrong), gpu, seed=SEED)
        for gpu in (None, Scripted(right(exercise)), Scripted(wrong))
    ]
    assert {(report.verdict, report.score) for report in reports} == {
        (Verdict.WRONG_ANSWER, 0)
    }


def test_what_does_not_load_is_not_put_to_the_gpu(exercise: Exercise) -> None:
    gpu = Scripted(right(exercise))
    cpu = Scripted(right(exercise), Outcome(failure=Failure.RAISED))
    report = grade(SOURCE, exercise, cpu, gpu, seed=SEED)
    assert report.verdict is Verdict.RUNTIME_ERROR
    assert gpu.jobs == []


def test_what_loads_only_without_a_gpu_fails_there_alone(exercise: Exercise) -> None:
    gpu = Scripted(right(exercise), Outcome(failure=Failure.MEMORY))
    report = run(exercise, gpu)
    assert report.score == 1
    assert "не хватило памяти" in on_gpu(report).message
    assert "на видеокарте — 2048\u00a0МБ" in on_gpu(report).message


def test_an_exercise_that_needs_one_has_points_there(needing: Exercise) -> None:
    cpu, gpu = Scripted(right(needing)), Scripted(right(needing))
    report = grade(SOURCE, needing, cpu, gpu, seed=SEED)
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)
    assert all(check.max_points for check in report.checks)
    assert cpu.jobs == []


def test_the_bound_of_the_devices_memory_reaches_the_sandbox(
    exercise: Exercise,
) -> None:
    limits = replace(exercise.limits, device_memory_mb=123)
    assert job_for(SOURCE, replace(exercise, limits=limits)).limits.device_mb == 123


def test_a_check_on_a_gpu_calls_functions_only(
    attention: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = with_gpu_check(attention, monkeypatch, lambda g: build("Net")(1))
    report = run(exercise, Scripted(right(exercise)))
    assert report.verdict is Verdict.EXERCISE_ERROR
    assert "functions are called only" in report.staff_note


# --- runners of both kinds


def test_both_devices_share_one_budget() -> None:
    job, budget = Job("", None, ()), Budget()
    slow = Scripted(lambda job, inputs: Outcome(wall_ms=1000 * (BUDGET_S + 1)))
    with Attendant(slow, job, budget) as one, Attendant(slow, job, budget) as other:
        assert one.ask({}).ok
        assert other.ask({}).failure is Failure.BUDGET
        assert other.gave_up


def test_a_runner_that_rests_has_not_died() -> None:
    with Attendant(Scripted(wrong), Job("", None, ())) as attendant:
        for _ in range(RESTARTS + 2):
            assert attendant.ask({}).ok
            attendant.rest()
            assert not attendant.gave_up


def test_trusted_code_beside_a_submission_costs_it_nothing() -> None:
    budget = Budget()
    slow = Scripted(lambda job, inputs: Outcome(wall_ms=7000))
    with (
        Attendant(slow, Job("theirs", None, ("f",)), budget) as attendant,
        attendant.beside("ours", wall_s=9) as other,
    ):
        assert other.ask({}).ok
    assert budget.spent_s == 0
    (job,) = slow.jobs
    assert (job.source, job.requires, job.limits.wall_s) == ("ours", ("f",), 9)


# --- soundness


def test_what_was_not_tried_is_said(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graders.soundness.ROUNDS", 1)
    result = check_exercise(replace(exercise, mistakes=()), Scripted(right(exercise)))
    assert result.untried == ("gpu",)


def test_the_reference_must_pass_what_has_no_points_too(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graders.soundness.ROUNDS", 1)
    plain = replace(exercise, mistakes=())
    result = check_exercise(plain, Scripted(right(exercise)), Scripted(wrong))
    assert any("reference.py: fails gpu:" in problem for problem in result.problems)
    assert result.untried == ()


def test_an_exercise_that_needs_a_gpu_is_tried_as_far_as_it_can_be(
    needing: Exercise,
) -> None:
    result = check_exercise(replace(needing, mistakes=()), Scripted(right(needing)))
    assert result.problems == ()
    assert len(result.untried) == len(needing.checks)
