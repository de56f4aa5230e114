"""What a grading can come to, and whose doing it is.

Imported by the web process, so it stays free of torch.
"""

from __future__ import annotations

from enum import StrEnum


class Blame(StrEnum):
    """Whose doing a verdict is; the last two never cost an attempt."""

    NONE = "none"
    STUDENT = "student"
    EXERCISE = "exercise"
    SYSTEM = "system"


class Verdict(StrEnum):
    """The one-word outcome of a submission."""

    ACCEPTED = "accepted"
    PARTIAL = "partial"
    WRONG_ANSWER = "wrong_answer"
    CONTRACT_ERROR = "contract_error"
    FORBIDDEN_API = "forbidden_api"
    RUNTIME_ERROR = "runtime_error"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    SANDBOX_VIOLATION = "sandbox_violation"
    EXERCISE_ERROR = "exercise_error"
    SYSTEM_ERROR = "system_error"

    @property
    def blame(self) -> Blame:
        match self:
            case Verdict.ACCEPTED:
                return Blame.NONE
            case Verdict.EXERCISE_ERROR:
                return Blame.EXERCISE
            case Verdict.SYSTEM_ERROR:
                return Blame.SYSTEM
            case _:
                return Blame.STUDENT

    @property
    def costs_attempt(self) -> bool:
        """Whether the submission counts against a limit on attempts."""
        free = (Verdict.CONTRACT_ERROR, Verdict.EXERCISE_ERROR, Verdict.SYSTEM_ERROR)
        return self not in free
