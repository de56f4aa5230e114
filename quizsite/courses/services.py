"""Grades are recorded here, people join here, courses are made here."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from graders.verdicts import Verdict
from quizsite.accounts.models import User
from quizsite.courses.models import (
    Assignment,
    Course,
    Enrolment,
    GradeEvent,
    ItemKind,
    Role,
)
from quizsite.quizzes.models import Attempt
from quizsite.quizzes.rules import BehaviourName
from quizsite.submissions.models import Submission


def record_attempt_grade(*, attempt: Attempt) -> GradeEvent | None:
    """Write down what a finished attempt was worth, once.

    A guest's attempt is worth nothing until an account takes it over; call again then.
    Of what people do for themselves only a test is: in practice one is helped.
    """
    share = attempt.share
    if attempt.user_id is None or attempt.finished_at is None or share is None:
        return None
    if attempt.course_id is None and attempt.behaviour != BehaviourName.TEST:
        return None
    values = {
        "user_id": attempt.user_id,
        "course_id": attempt.course_id,
        "kind": ItemKind.QUIZ,
        "item": attempt.quiz.chapter.slug,
        "share": share,
        "handed_in_at": attempt.finished_at,
    }
    event, _ = GradeEvent.objects.get_or_create(
        attempt=attempt, supersedes=None, defaults=values
    )
    return event


def record_submission_grade(*, submission: Submission) -> GradeEvent | None:
    """Write down what a graded submission was worth, once.

    What costs no attempt is worth nothing either way: our faults, the exercise's
    author's, and code that lacks a required name.
    """
    if submission.score is None or not Verdict(submission.verdict).costs_attempt:
        return None
    values = {
        "user_id": submission.user_id,
        "kind": ItemKind.EXERCISE,
        "item": submission.exercise,
        "share": submission.score,
        # Waiting in a queue must make nobody late.
        "handed_in_at": submission.created_at,
    }
    event, _ = GradeEvent.objects.get_or_create(
        submission=submission, supersedes=None, defaults=values
    )
    return event


def record_regrade(*, submission: Submission) -> GradeEvent | None:
    """Write down what a submission is worth now, beside what it was worth before."""
    before = GradeEvent.objects.current().filter(submission=submission).first()
    if before is None:
        return record_submission_grade(submission=submission)
    return _supersede(before, submission.score or 0.0)


def record_attempt_regrade(*, attempt: Attempt) -> GradeEvent | None:
    """Write down what an attempt is worth now, beside what it was worth before."""
    before = GradeEvent.objects.current().filter(attempt=attempt).first()
    if before is None:
        return record_attempt_grade(attempt=attempt)
    return _supersede(before, attempt.share or 0.0)


def _supersede(before: GradeEvent, share: float) -> GradeEvent:
    if before.share == share:
        return before
    return GradeEvent.objects.create(
        user_id=before.user_id,
        course_id=before.course_id,
        kind=before.kind,
        item=before.item,
        share=share,
        submission_id=before.submission_id,
        attempt_id=before.attempt_id,
        supersedes=before,
        handed_in_at=before.handed_in_at,
    )


# --- joining ------------------------------------------------------------------


class UnknownCode(Exception):
    """No course has this join code."""


def join_course(*, user: User, code: str) -> Course:
    """Enrol a person as a student; whoever is in the course already stays as they are.

    Raises:
        UnknownCode: no course has the code.
    """
    course = Course.objects.filter(join_code__iexact=code.strip()).first()
    if course is None or not code.strip():
        raise UnknownCode
    Enrolment.objects.get_or_create(course=course, user=user)
    return course


# --- making a course ----------------------------------------------------------

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing to be misread


def new_join_code() -> str:
    letters = [secrets.choice(CODE_ALPHABET) for _ in range(8)]
    return "".join(letters[:4]) + "-" + "".join(letters[4:])


@dataclass(frozen=True, slots=True)
class Item:
    """What a course assigns: which quiz or exercise, by when, for how much."""

    kind: str
    slug: str
    title: str
    due_at: datetime | None = None
    max_points: float = 10


@transaction.atomic
def create_course(*, teacher: User, course: Course, items: Iterable[Item]) -> Course:
    """Save a new course with its assignments and the one who teaches it."""
    course.join_code = new_join_code()
    course.save()
    Enrolment.objects.create(course=course, user=teacher, role=Role.INSTRUCTOR)
    assign(course=course, items=items)
    return course


@transaction.atomic
def assign(*, course: Course, items: Iterable[Item]) -> None:
    """Make these the course's assignments; grades of dropped ones stay in history."""
    kept = [_save_assignment(course, i, item) for i, item in enumerate(items)]
    course.assignments.exclude(pk__in=[one.pk for one in kept]).delete()


def _save_assignment(course: Course, position: int, item: Item) -> Assignment:
    values = {
        "title": item.title,
        "position": position,
        "due_at": item.due_at,
        "max_points": item.max_points,
    }
    assignment, _ = Assignment.objects.update_or_create(
        course=course, kind=item.kind, item=item.slug, defaults=values
    )
    return assignment
