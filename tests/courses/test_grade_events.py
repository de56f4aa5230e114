"""What finished work is worth is written down once, and never changed."""

from __future__ import annotations

import pytest
from django.utils import timezone

from quizsite.courses.models import GradeEvent
from quizsite.courses.services import record_attempt_grade, record_submission_grade
from quizsite.quizzes.models import Attempt, Quiz
from quizsite.submissions.models import State, Submission
from tests.factories import ChapterFactory, SubmissionFactory


def graded(**fields) -> Submission:
    return SubmissionFactory(
        **{"state": State.DONE, "verdict": "accepted", "score": 1.0, **fields}
    )


def finished(user, **fields) -> Attempt:
    quiz = Quiz.objects.create(chapter=ChapterFactory(slug="transformer"), title="К")
    values = {"score": 3.0, "max_score": 4.0, "finished_at": timezone.now(), **fields}
    return Attempt.objects.create(quiz=quiz, user=user, seed=b"0" * 16, **values)


def test_a_graded_submission_is_written_down_once(bob):
    submission = graded(user=bob, score=0.5, verdict="partial")
    first = record_submission_grade(submission=submission)
    again = record_submission_grade(submission=submission)
    assert first == again
    assert GradeEvent.objects.get().share == 0.5


@pytest.mark.parametrize(
    "verdict", ["system_error", "exercise_error", "contract_error"]
)
def test_what_costs_no_attempt_leaves_no_grade(bob, verdict):
    submission = graded(user=bob, verdict=verdict, score=0.0)
    assert record_submission_grade(submission=submission) is None
    assert not GradeEvent.objects.exists()


def test_an_ungraded_submission_leaves_no_grade(bob):
    submission = SubmissionFactory(user=bob)
    assert record_submission_grade(submission=submission) is None


def test_work_counts_from_when_it_was_handed_in(bob):
    submission = graded(user=bob)
    event = record_submission_grade(submission=submission)
    assert event.handed_in_at == submission.created_at


def test_a_finished_attempt_is_written_down_once(bob):
    attempt = finished(bob)
    assert record_attempt_grade(attempt=attempt) == record_attempt_grade(
        attempt=attempt
    )
    event = GradeEvent.objects.get()
    assert (event.item, event.share) == ("transformer", 0.75)


def test_an_unfinished_attempt_leaves_no_grade(bob):
    assert record_attempt_grade(attempt=finished(bob, finished_at=None)) is None


def test_a_guests_attempt_leaves_no_grade_until_it_has_an_owner(bob):
    attempt = finished(None, guest_key="k")
    assert record_attempt_grade(attempt=attempt) is None
    attempt.user = bob
    assert record_attempt_grade(attempt=attempt).user == bob


def test_an_attempt_at_a_quiz_worth_nothing_leaves_no_grade(bob):
    assert record_attempt_grade(attempt=finished(bob, max_score=0)) is None
