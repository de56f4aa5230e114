"""The time of a submission on a GPU, held against the reference's on the same device.

Theory of operation
-------------------
The device answers in microseconds what takes the channel milliseconds to carry, caches
keep what was computed a moment ago, and the first call of everything is slow. So each
is asked a fixed number of times in one fresh runner: once to warm up, uncounted, then a
few times with inputs that it has not seen, of which the median counts. Every counted
answer of the submission is judged: a wrong one fails, however fast.

The clock is the grader's, from the first byte of the question to the last byte of the
answer, when the device has finished (``graders.runner.device``). The reference is run
in the same way, in a runner of its own; *its* word can be believed about how much of
that time was the computation, and the rest is the transport, which both pay alike. It
is run after the submission, with the same inputs, so that nothing of its answers was
ever in the device's memory while the submission was alive, and no runner of either
kind lives while the other is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from exercises.spec import HIGHEST_TIME_S
from graders.attendant import Attendant
from graders.cases import TRANSPORT_MS, Prepared, again
from graders.errors import ExerciseBroken
from graders.judge import Finding, judge
from graders.reference import Trusted
from graders.sandbox.session import Outcome

WARM_UPS, COUNTED = 1, 3  # calls of each


@dataclass(frozen=True, slots=True)
class Measured:
    """The last of the counted cases, with the time that all of them took."""

    prepared: Prepared
    outcome: Outcome
    finding: Finding | None


def measure(
    code: Trusted, prepared: Prepared, seed: str, attendant: Attendant
) -> Measured:
    """Time a submission and the reference, each in a runner of its own.

    Args:
        seed: of this measurement; the inputs are others each time.

    Raises:
        ExerciseBroken: the reference fails on the device.
    """
    cases = [
        again(code, prepared, f"{seed}/{number}")
        for number in range(WARM_UPS + COUNTED)
    ]
    answered: list[tuple[Prepared, Outcome]] = []
    for case, outcome in _asked(attendant, cases):
        finding = judge(code.exercise, case, outcome)
        if finding:
            return Measured(case, outcome, finding)
        answered.append((case, outcome))
    took = median(outcome.wall_ms for _, outcome in answered[WARM_UPS:])
    allowed = _allowed_ms(code, cases, attendant)
    case, outcome = answered[-1]
    case = replace(case, allowed_ms=allowed)
    outcome = replace(outcome, wall_ms=took)
    return Measured(case, outcome, judge(code.exercise, case, outcome))


def _asked(
    attendant: Attendant, cases: Sequence[Prepared]
) -> Iterator[tuple[Prepared, Outcome]]:
    """The answers of one fresh runner, which is gone after the last."""
    attendant.rest()
    first, *others = cases
    yield first, attendant.ask_afresh(first.inputs)
    for case in others:
        yield case, attendant.ask(case.inputs)
    attendant.rest()


def _allowed_ms(
    code: Trusted, cases: Sequence[Prepared], attendant: Attendant
) -> float:
    """What the reference needs for the way, and a multiple of its computation."""
    source = (code.exercise.folder / "reference.py").read_text(encoding="utf-8")
    with attendant.beside(source, wall_s=HIGHEST_TIME_S) as reference:
        outcomes = [outcome for _, outcome in _asked(reference, cases)]
    for outcome in outcomes:
        if not outcome.ok:
            said = f"{outcome.failure}: {outcome.error_message}"
            raise ExerciseBroken(f"the reference fails on the device: {said}")
    counted = outcomes[WARM_UPS:]
    computing = median(outcome.inside_ms for outcome in counted)
    carrying = median(outcome.wall_ms - outcome.inside_ms for outcome in counted)
    times = cases[0].case.times
    assert times
    return carrying + times * computing + TRANSPORT_MS
