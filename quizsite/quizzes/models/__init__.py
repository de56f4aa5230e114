"""Quizzes, immutable question versions, attempts and responses."""

from __future__ import annotations

from quizsite.quizzes.models.attempts import (
    Attempt,
    Response,
    ResponseRevision,
    RevisionKind,
)
from quizsite.quizzes.models.questions import Question, QuestionVersion, Quiz

__all__ = [
    "Attempt",
    "Question",
    "QuestionVersion",
    "Quiz",
    "Response",
    "ResponseRevision",
    "RevisionKind",
]
