"""Grades are recorded here, people join here, courses are made here."""

from __future__ import annotations

from graders.verdicts import Blame
from quizsite.courses.models import GradeEvent, ItemKind
from quizsite.quizzes.models import Attempt
from quizsite.submissions.models import Submission

GRADED_BLAMES = (Blame.NONE, Blame.STUDENT)


def record_attempt_grade(*, attempt: Attempt) -> GradeEvent | None:
    """Write down what a finished attempt was worth, once.

    A guest's attempt is worth nothing until an account takes it over; call again then.
    """
    share = attempt.share
    if attempt.user_id is None or attempt.finished_at is None or share is None:
        return None
    values = {
        "user_id": attempt.user_id,
        "kind": ItemKind.QUIZ,
        "item": attempt.quiz.chapter.slug,
        "share": share,
        "handed_in_at": attempt.finished_at,
    }
    event, _ = GradeEvent.objects.get_or_create(attempt=attempt, defaults=values)
    return event


def record_submission_grade(*, submission: Submission) -> GradeEvent | None:
    """Write down what a graded submission was worth, once.

    Where the exercise or the system is to blame, there is nothing to write down.
    """
    if submission.blame not in GRADED_BLAMES or submission.score is None:
        return None
    values = {
        "user_id": submission.user_id,
        "kind": ItemKind.EXERCISE,
        "item": submission.exercise,
        "share": submission.score,
        # Waiting in a queue must make nobody late.
        "handed_in_at": submission.created_at,
    }
    event, _ = GradeEvent.objects.get_or_create(submission=submission, defaults=values)
    return event
