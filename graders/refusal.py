"""A submission of which no check could be judged: why, and its report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from exercises.spec import Exercise
from graders.admission import SHOWN, told
from graders.failures import (
    VERDICTS,
    explain_failure,
    failure_facts,
    last_line,
    redacted_traceback,
)
from graders.places import Listing
from graders.policy import Violation
from graders.report import CheckResult, Report
from graders.sandbox.session import Outcome
from graders.verdicts import Verdict
from graders.words import capitalized, continued, quoted

MESSAGE_CHARACTERS = 2000  # it may name what the student has named


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no check could be judged at all."""

    verdict: Verdict
    message: str
    traceback: str | None = None
    staff_note: str = ""  # what exactly broke; for the exercise's author
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, exercise: Exercise, loaded: Outcome, listing: Listing) -> Self:
        """The source could not even be loaded. No input was sent yet: all is public."""
        assert loaded.failure
        place = listing.place(last_line(loaded.traceback))
        message = explain_failure(exercise, loaded, public=True)
        return cls(
            VERDICTS[loaded.failure],
            capitalized(f"{place}: {continued(message)}") if place else message,
            redacted_traceback(loaded.traceback, listing),
            details=failure_facts(exercise, loaded) | (asdict(place) if place else {}),
        )

    @classmethod
    def forbidden(cls, found: Sequence[Violation], listing: Listing) -> Self:
        """It names what the exercise forbids: what, and in which lines."""
        shown = [(one, listing.place(one.line)) for one in found[:SHOWN]]
        violations = [
            {"name": one.name, "reason": one.reason} | (asdict(place) if place else {})
            for one, place in shown
        ]
        return cls(
            Verdict.FORBIDDEN_API,
            told(found, listing),
            details={
                "difference": "forbidden",
                "violations": violations,
                "more": len(found) - len(shown),
            },
        )


def refused(
    exercise: Exercise, refusal: Refusal, seed: str, timing_ms: Mapping[str, float]
) -> Report:
    """A report in which no check was judged."""
    return Report(
        exercise=exercise.slug,
        verdict=refusal.verdict,
        score=0.0,
        checks=tuple(
            CheckResult.unpassed(check, "Не проверялось.", judged=False)
            for check in exercise.checks
        ),
        seed=seed,
        message=quoted(refusal.message, MESSAGE_CHARACTERS),
        details=refusal.details,
        staff_note=refusal.staff_note,
        traceback=refusal.traceback,
        timing_ms=timing_ms,
    )
