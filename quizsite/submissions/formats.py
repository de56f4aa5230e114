"""A dry look at a solution: what would be graded, and whether it would be run.

Nothing is stored, sent or executed, so it costs no attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exercises.spec import Exercise
from graders.admission import objection
from graders.intake import Intake, IntakeError, read_upload
from graders.places import Listing
from graders.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Format:
    """What came of the look."""

    filename: str
    verdict: Verdict | None = None  # what it would be refused with
    message: str = ""  # why; Russian
    intake: Intake | None = None  # None: there is no solution in it

    @property
    def is_ok(self) -> bool:
        return self.verdict is None

    @property
    def notes(self) -> list[dict[str, Any]]:
        return self.as_json()["notes"]

    def as_json(self) -> dict[str, Any]:
        intake = self.intake or Intake("")
        return {
            "ok": self.is_ok,
            "verdict": self.verdict or "",
            "message": self.message,
            "filename": self.filename,
            "source": intake.source,
            **intake.as_json(),
        }


def format_of(content: bytes, filename: str, exercise: Exercise) -> Format:
    """Read a solution as handing it in would, and stop before grading."""
    try:
        intake = read_upload(content, filename, exercise.requires)
    except IntakeError as error:
        return Format(filename, Verdict.CONTRACT_ERROR, str(error))
    if found := objection(Listing(intake.source, intake.fragments), exercise):
        return Format(filename, found.verdict, found.message, intake=intake)
    return Format(filename, intake=intake)
