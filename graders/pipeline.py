"""From a source text to a report: admit, run, compare, diagnose, score.

The source is fixed before the seed is drawn, and the runner gets one case's inputs
at a time, so there is nothing a submission could know beforehand. Expected values
never leave this process. A :class:`~graders.errors.SystemFault` passes through to
the caller; whatever else goes wrong on our side is the exercise's fault.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch

from exercises.spec import Check, Exercise
from graders.attendant import Attendant
from graders.cases import Prepared, paced, prepare
from graders.contract import contract_error
from graders.diagnose import CaseRun, diagnose
from graders.errors import ExerciseBroken
from graders.intake import IntakeError, parsed
from graders.judge import SLOW, judge
from graders.policy import violations
from graders.reference import Trusted, trusted
from graders.report import Report
from graders.sandbox.session import Failure, Job, RunnerLimits, Sandbox
from graders.score import Refusal, refused, scored
from graders.verdicts import Verdict

PACE_RETRIES = 2  # of a right answer that came late

# Inputs are small: a second thread would only wait for the first.
torch.set_num_threads(1)


def grade(
    source: str, exercise: Exercise, sandbox: Sandbox, *, seed: str | None = None
) -> Report:
    """Grade one submission.

    Raises:
        SystemFault: our doing; the submission may be graded again.
    """
    clock = Stopwatch()
    refusal = admit(source, exercise)
    clock.lap("admit")
    seed = seed or secrets.token_hex(16)
    if refusal:
        return refused(exercise, refusal, seed, clock.laps)
    try:
        return _judged(source, exercise, sandbox, seed, clock)
    except ExerciseBroken as error:
        blame = Refusal(Verdict.EXERCISE_ERROR, EXERCISE_BROKEN, staff_note=str(error))
        return refused(exercise, blame, seed, clock.laps)


EXERCISE_BROKEN = (
    "Проверка задания неисправна: ошибка не в вашем решении. "
    "Попытка не потрачена, автор задания увидит сообщение."
)


def admit(source: str, exercise: Exercise) -> Refusal | None:
    """What can be told without running anything."""
    try:
        tree = parsed(source)
    except IntakeError as error:
        return Refusal(Verdict.CONTRACT_ERROR, str(error))
    if problem := contract_error(tree, exercise):
        return Refusal(Verdict.CONTRACT_ERROR, problem)
    if found := violations(tree, exercise.forbidden_api):
        return Refusal(Verdict.FORBIDDEN_API, "\n".join(map(str, found[:5])))
    return None


def _judged(
    source: str, exercise: Exercise, sandbox: Sandbox, seed: str, clock: Stopwatch
) -> Report:
    code = trusted(exercise)
    clock.lap("reference")
    with Attendant(sandbox, job_for(source, exercise)) as attendant:
        loaded = attendant.load()
        clock.lap("load")
        if not loaded.ok:
            return refused(
                exercise, Refusal.of(exercise, loaded, source), seed, clock.laps
            )
        checks = [
            list(_run_check(code, check, seed, attendant)) for check in exercise.checks
        ]
    clock.lap("run")
    mistake = diagnose(code, checks)
    clock.lap("diagnose")
    return scored(exercise, checks, mistake, source, seed, clock.laps)


def job_for(source: str, exercise: Exercise) -> Job:
    """What the sandbox is told: no expected value, no tolerance, no seed."""
    limits = RunnerLimits(
        wall_s=exercise.limits.time_s, memory_mb=exercise.limits.memory_mb
    )
    return Job(
        source=source,
        probe=exercise.probe,
        requires=exercise.requires,
        limits=limits,
    )


def _run_check(
    code: Trusted, check: Check, seed: str, attendant: Attendant
) -> Iterator[CaseRun]:
    """Every case of a check, until one kills the runner."""
    if attendant.gave_up:
        return
    for prepared in prepare(code, check, seed):
        run = _run_case(code, prepared, attendant)
        yield run
        if run.outcome.failure not in (None, Failure.RAISED):
            return


def _run_case(code: Trusted, prepared: Prepared, attendant: Attendant) -> CaseRun:
    exercise, case = code.exercise, prepared.case
    if case.times:
        return _run_timed_case(code, prepared, attendant)
    watched = bool(exercise.forbidden_operators) or case.elements is not None
    outcome = attendant.ask(prepared.inputs, trace=watched)
    return CaseRun(prepared, outcome, judge(exercise, prepared, outcome))


def _run_timed_case(code: Trusted, prepared: Prepared, attendant: Attendant) -> CaseRun:
    """Measure the reference and the submission one after the other, a few times.

    While the reference is measured no runner lives, for its threads would slow the
    reference down and so buy the submission time; nor may it keep earlier answers.
    """
    for _ in range(1 + PACE_RETRIES):
        attendant.rest()
        prepared = paced(code, prepared)
        outcome = attendant.ask_afresh(prepared.inputs)
        finding = judge(code.exercise, prepared, outcome)
        if finding is None or finding.symptom != SLOW:
            break  # else the machine may have been busy: measure both anew
    return CaseRun(prepared, outcome, finding)


@dataclass(slots=True)
class Stopwatch:
    """Milliseconds of each stage, by name."""

    laps: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 3)
        self._last = now
