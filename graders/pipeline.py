"""From a source text to a report: admit, run, compare, diagnose, score.

The source is fixed before the seed is drawn, and the runner gets one case's inputs
at a time, so there is nothing a submission could know beforehand. Expected values
never leave this process. A :class:`~graders.errors.SystemFault` passes through to
the caller; whatever else goes wrong on our side is the exercise's fault.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import torch

from exercises.spec import Exercise
from graders.admission import objection
from graders.attendant import Attendant, Budget
from graders.diagnose import diagnose
from graders.errors import ExerciseBroken, SandboxUnavailable
from graders.examination import Examination
from graders.places import Fragment, Listing
from graders.reference import trusted
from graders.refusal import Refusal, refused
from graders.report import Report
from graders.sandbox.session import Job, RunnerLimits, Sandbox
from graders.score import counted, scored
from graders.verdicts import Verdict

# Inputs are small: a second thread would only wait for the first.
torch.set_num_threads(1)


def grade(
    source: str,
    exercise: Exercise,
    sandbox: Sandbox,
    gpu: Sandbox | None = None,
    *,
    seed: str | None = None,
    fragments: Sequence[Fragment] = (),
) -> Report:
    """Grade one submission.

    Args:
        gpu: where checks that need a GPU are run; without it they are not judged, and
            cost nothing, unless all the exercise needs one.
        seed: 32 hexadecimal digits to draw the inputs from; fresh unless given.
        fragments: where the source's lines stood in the student's notebook.

    Raises:
        SystemFault: our doing; the submission may be graded again.
    """
    clock = Stopwatch()
    listing = Listing(source, fragments)
    refusal = admit(listing, exercise)
    clock.lap("admit")
    seed = seed or secrets.token_hex(16)
    if refusal:
        return refused(exercise, refusal, seed, clock.laps)
    sandboxes = {"cpu": sandbox} | ({"gpu": gpu} if gpu else {})
    try:
        return _judged(listing, exercise, sandboxes, seed, clock)
    except ExerciseBroken as error:
        blame = Refusal(Verdict.EXERCISE_ERROR, EXERCISE_BROKEN, staff_note=str(error))
        return refused(exercise, blame, seed, clock.laps)


EXERCISE_BROKEN = (
    "Проверка задания неисправна: ошибка не в вашем решении. "
    "Попытка не потрачена, автор задания увидит сообщение."
)


def admit(listing: Listing, exercise: Exercise) -> Refusal | None:
    """What can be told without running anything."""
    found = objection(listing, exercise)
    if found is None:
        return None
    if found.violations:
        return Refusal.forbidden(found.violations, listing)
    return Refusal(found.verdict, found.message)


def _judged(
    listing: Listing,
    exercise: Exercise,
    sandboxes: Mapping[str, Sandbox],
    seed: str,
    clock: Stopwatch,
) -> Report:
    code = trusted(exercise)
    clock.lap("reference")
    with ExitStack() as stack:
        attendants = _attendants(listing.source, exercise, sandboxes, stack)
        loaded = attendants[_main_device(exercise)].load()
        clock.lap("load")
        if not loaded.ok:
            refusal = Refusal.of(exercise, loaded, listing)
            return refused(exercise, refusal, seed, clock.laps)
        checks = Examination(code, seed, attendants).run()
    clock.lap("run")
    mistake = diagnose(code, counted(exercise, checks))
    clock.lap("diagnose")
    return scored(exercise, checks, mistake, listing, seed, clock.laps)


def _main_device(exercise: Exercise) -> str:
    """Where a submission must load for anything to be judged."""
    return "gpu" if exercise.device == "gpu" else "cpu"


def _attendants(
    source: str,
    exercise: Exercise,
    sandboxes: Mapping[str, Sandbox],
    stack: ExitStack,
) -> dict[str, Attendant]:
    """One for each device that is asked for and there; they share one budget.

    Raises:
        SandboxUnavailable: the exercise cannot do without a GPU, and there is none.
    """
    if _main_device(exercise) not in sandboxes:
        raise SandboxUnavailable(f"{exercise.slug} needs a GPU; set GPU_SANDBOX")
    job, budget = job_for(source, exercise), Budget()
    wanted = {check.device for check in exercise.checks}
    return {
        device: stack.enter_context(Attendant(sandbox, job, budget))
        for device, sandbox in sandboxes.items()
        if device in wanted
    }


def job_for(source: str, exercise: Exercise) -> Job:
    """What the sandbox is told: no expected value, no tolerance, no seed."""
    limits = RunnerLimits(
        wall_s=exercise.limits.time_s,
        memory_mb=exercise.limits.memory_mb,
        device_mb=exercise.limits.device_memory_mb,
    )
    return Job(
        source=source,
        probe=exercise.probe,
        requires=exercise.requires,
        limits=limits,
    )


@dataclass(slots=True)
class Stopwatch:
    """Milliseconds of each stage, by name."""

    laps: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round((now - self._last) * 1000, 3)
        self._last = now
