"""Whose work, and which, a course's instructor sees.

Only what the course assigned, and only of those who are its students now.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from quizsite.accounts.models import User
from quizsite.courses.models import Assignment, Course, ItemKind
from quizsite.quizzes.models import Attempt
from quizsite.quizzes.rules import BehaviourName
from quizsite.submissions.models import Submission


def students(course: Course) -> list[User]:
    """The course's students as a Russian register lists them."""
    found = User.objects.filter(pk__in=course.student_ids)
    return sorted(found, key=lambda user: _collated(user.shown_name))


def submissions(course: Course) -> QuerySet[Submission]:
    """Without code and report: a list of hundreds needs neither."""
    return (
        Submission.objects.filter(
            user_id__in=course.student_ids,
            exercise__in=_items(course, ItemKind.EXERCISE),
        )
        .select_related("user")
        .defer("source", "report", "intake_notes")
    )


def attempts(course: Course) -> QuerySet[Attempt]:
    """Those for the course, and tests of one's own; what is practised alone is not."""
    alone = Q(course=None) & ~Q(behaviour=BehaviourName.PRACTICE)
    return Attempt.objects.filter(
        Q(course=course) | alone,
        user_id__in=course.student_ids,
        quiz__chapter__slug__in=_items(course, ItemKind.QUIZ),
    ).select_related("user", "quiz__chapter")


def first_attempts(course: Course, chapter: str) -> QuerySet[Attempt]:
    """Each student's first finished attempt: later ones have seen the answers."""
    finished = attempts(course).filter(finished_at__isnull=False)
    earlier = finished.filter(
        user=OuterRef("user"),
        quiz=OuterRef("quiz"),
        finished_at__lt=OuterRef("finished_at"),
    )
    mine = attempts(course).filter(quiz__chapter__slug=chapter)
    return mine.filter(~Exists(earlier), finished_at__isnull=False)


def _items(course: Course, kind: str) -> QuerySet[Assignment, str]:
    return course.assignments.filter(kind=kind).values_list("item", flat=True)


def _collated(name: str) -> tuple[str, str]:
    """By letters with ё beside е, whatever order the database knows."""
    return name.casefold().replace("ё", "е"), name
