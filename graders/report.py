"""The result of grading one submission: frozen, JSON-able, free of torch.

``details`` of a check say the same as its message. ``difference`` names what differs,
and which other keys there are (quizsite/api/v1/reports.py describes each):

========================  ==========================================================
type count keys dtype     expected, actual
shape                     expected, actual, axes
values not_finite         worst, share, largest_error, largest_relative_error, ranges,
                          diagonal, heat_map; or expected, actual outside of tensors
property                  property
exception                 expected, actual: the one that had to be raised was not
forbidden                 operator
size calls                allowed, and largest_tensor or pattern and calls
inputs place memory       path of the argument, see memory.py
time                      wall_ms, allowed_ms
raised                    exception
exited output_limit       nothing else; so are violation, syntax, missing
time_limit memory_limit   allowed_s, allowed_mb
========================  ==========================================================

The first three lines have ``part`` and ``path`` of the answer as well, every line
``case``, ``cases`` and ``failed_cases``, and ``line`` and ``cell`` where a line of the
student's is known to be the place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from exercises.spec import Check
from graders.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class RecognisedMistake:
    """The known wrong implementation whose outputs the submission equals."""

    id: str
    hint: str  # Russian, for the student


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One named property of the solution."""

    name: str
    title: str  # Russian, shown above the message
    public: bool
    passed: bool
    points: float
    max_points: float
    message: str  # Russian: what was expected, what came, where it differs most
    details: Mapping[str, Any] = field(default_factory=dict)  # same facts as data
    inputs: str | None = None  # shown inputs of the failing case; public checks only
    stdout: str | None = None  # what the student's code printed; public checks only
    judged: bool = True  # False: no case of it was run
    device: str = "cpu"  # or "gpu": where it is judged
    waived: bool = False  # not judged for want of a device of ours; costs nothing

    @classmethod
    def unpassed(cls, check: Check, message: str, *, judged: bool = True) -> Self:
        """No points, for the reason given."""
        return cls(
            name=check.name,
            title=check.title,
            public=check.public,
            passed=False,
            points=0.0,
            max_points=check.points,
            message=message,
            judged=judged,
            device=check.device,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a grading found out."""

    exercise: str
    verdict: Verdict
    score: float  # 0..1
    checks: tuple[CheckResult, ...]
    seed: str  # hex; regenerates every input, so it is not for students
    message: str = ""  # Russian: the verdict in one sentence
    details: Mapping[str, Any] = field(
        default_factory=dict
    )  # where no check was judged
    mistake: RecognisedMistake | None = None
    staff_note: str = ""  # what broke in the exercise; not for students
    traceback: str | None = None  # the student's own lines only
    timing_ms: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object that ``grade --json`` prints and the database keeps."""
        return asdict(self) | {
            "verdict": self.verdict.value,
            "blame": self.verdict.blame.value,
        }


# Not for students: the seed regenerates hidden inputs.
STAFF_ONLY_KEYS = ("seed", "staff_note")


def for_student(report: Mapping[str, Any]) -> dict[str, Any]:
    """A stored report without what would give hidden inputs away."""
    return {key: value for key, value in report.items() if key not in STAFF_ONLY_KEYS}
