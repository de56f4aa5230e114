"""How far a visitor has got: their attempts by quiz, their submissions by exercise.

Two queries, however long the book is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Max, Q
from django.http import HttpRequest

from graders.verdicts import Verdict
from quizsite.accounts.access import own_attempts
from quizsite.quizzes.models import Attempt
from quizsite.quizzes.reviewing import concealed
from quizsite.submissions.models import State, Submission


class Status(StrEnum):
    """What a reader has done about an exercise."""

    NEW = "new"
    WAITING = "waiting"  # being graded
    TRIED = "tried"
    SOLVED = "solved"


@dataclass(frozen=True, slots=True)
class QuizProgress:
    """A visitor's attempts at one quiz."""

    current: Attempt | None = None  # begun, not finished
    last: Attempt | None = None  # finished
    best: float | None = None  # share of the points, 0..1

    def with_attempt(self, attempt: Attempt) -> QuizProgress:
        """Also this one; attempts are met from the newest to the oldest."""
        if not attempt.is_finished:
            return QuizProgress(self.current or attempt, self.last, self.best)
        shares = [one for one in (self.best, attempt.share) if one is not None]
        best = max(shares, default=None)
        return QuizProgress(self.current, self.last or attempt, best)


@dataclass(frozen=True, slots=True)
class ExerciseProgress:
    status: Status = Status.NEW
    best: float | None = None  # share of the points, 0..1
    submissions: int = 0


def quiz_progress(request: HttpRequest) -> dict[int, QuizProgress]:
    """By the chapter's id."""
    progress: dict[int, QuizProgress] = {}
    attempts = own_attempts(request).select_related("quiz__chapter")
    for attempt in concealed(attempts.order_by("-started_at")):
        chapter = attempt.quiz.chapter_id
        progress[chapter] = progress.get(chapter, QuizProgress()).with_attempt(attempt)
    return progress


def exercise_progress(request: HttpRequest) -> dict[str, ExerciseProgress]:
    """By the exercise's slug."""
    if not request.user.is_authenticated:
        return {}
    rows = (
        Submission.objects.counted()
        .filter(user=request.user)
        .order_by()
        .values("exercise")
        .annotate(
            best=Max("score"),
            submissions=Count("id"),
            solved=Count("id", filter=Q(verdict=Verdict.ACCEPTED)),
            waiting=Count("id", filter=~Q(state=State.DONE)),
        )
    )
    return {
        row["exercise"]: ExerciseProgress(
            _status(row["solved"], row["waiting"]), row["best"], row["submissions"]
        )
        for row in rows
    }


def _status(solved: int, waiting: int) -> Status:
    if solved:
        return Status.SOLVED
    return Status.WAITING if waiting else Status.TRIED
