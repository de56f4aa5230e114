"""What finished work is worth is written down once, and never changed."""

from __future__ import annotations

import pytest
from django.utils import timezone

from quizsite.courses.models import GradeEvent
from quizsite.courses.services import (
    record_attempt_grade,
    record_regrade,
    record_submission_grade,
)
from quizsite.quizzes.models import Attempt, Quiz
from quizsite.submissions.models import State, Submission
from tests.factories import AssignmentFactory, ChapterFactory, SubmissionFactory


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


def test_a_regraded_submission_counts_for_what_it_is_worth_now(bob, course):
    submission = graded(user=bob, score=1.0)
    first = record_submission_grade(submission=submission)
    submission.score, submission.verdict = 0.25, "partial"
    second = record_regrade(submission=submission)
    assert (second.supersedes, second.handed_in_at) == (first, first.handed_in_at)
    assignment = AssignmentFactory(course=course, item=submission.exercise)
    grade = GradeEvent.objects.graded([assignment])[bob.pk, *assignment.key]
    assert (grade.share, grade.tries) == (0.25, 1)


def test_a_regrading_that_changes_nothing_adds_nothing(bob):
    submission = graded(user=bob, score=0.5, verdict="partial")
    first = record_submission_grade(submission=submission)
    assert record_regrade(submission=submission) == first
    assert GradeEvent.objects.count() == 1


def test_regrading_writes_down_what_no_grade_was_given_for(bob):
    submission = graded(user=bob)
    assert record_regrade(submission=submission).share == 1.0


def test_a_submission_can_be_regraded_again_and_again(bob):
    submission = graded(user=bob)
    record_submission_grade(submission=submission)
    for share in (0.5, 0.75, 0.0):
        submission.score = share
        record_regrade(submission=submission)
    assert [one.share for one in GradeEvent.objects.current()] == [0.0]
    assert GradeEvent.objects.count() == 4
