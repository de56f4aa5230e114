"""When an answer is marked and what a mark earns; how to mark is the type's.

What may be *seen* when is neither's: see :mod:`quizsite.quizzes.matrix`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quizsite.quizzes.behaviours.base import Behaviour
from quizsite.quizzes.behaviours.certainty import CertaintyBased
from quizsite.quizzes.behaviours.deferred import Deferred, Exam
from quizsite.quizzes.behaviours.practice import Practice

if TYPE_CHECKING:
    from quizsite.quizzes.models import Attempt

__all__ = ["BEHAVIOURS", "Behaviour", "behaviour_of"]

BEHAVIOURS: dict[str, Behaviour] = {
    one.name: one for one in (Practice(), Deferred(), CertaintyBased(), Exam())
}


def behaviour_of(attempt: Attempt) -> Behaviour:
    """How this attempt is run."""
    return BEHAVIOURS[attempt.behaviour]
