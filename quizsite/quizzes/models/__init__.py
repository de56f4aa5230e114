"""Quizzes, immutable question versions, attempts and responses."""

from __future__ import annotations

from quizsite.quizzes.models.attempts import (
    Attempt,
    Response,
    ResponseRevision,
    RevisionKind,
)
from quizsite.quizzes.models.questions import Question, QuestionVersion, Quiz
from quizsite.quizzes.models.regrades import MarkChange, QuestionRegrade, RegradeStage

__all__ = [
    "Attempt",
    "MarkChange",
    "Question",
    "QuestionRegrade",
    "QuestionVersion",
    "Quiz",
    "RegradeStage",
    "Response",
    "ResponseRevision",
    "RevisionKind",
]
