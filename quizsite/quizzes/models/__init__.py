"""Quizzes, immutable question versions, attempts, responses and their marks."""

from __future__ import annotations

from quizsite.quizzes.models.attempts import (
    Attempt,
    Response,
    ResponseRevision,
    RevisionKind,
)
from quizsite.quizzes.models.marks import MarkingLease, OpenMark
from quizsite.quizzes.models.questions import Question, QuestionVersion, Quiz
from quizsite.quizzes.models.regrades import MarkChange, QuestionRegrade, RegradeStage

__all__ = [
    "Attempt",
    "MarkChange",
    "MarkingLease",
    "OpenMark",
    "Question",
    "QuestionRegrade",
    "QuestionVersion",
    "Quiz",
    "RegradeStage",
    "Response",
    "ResponseRevision",
    "RevisionKind",
]
