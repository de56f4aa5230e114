"""What a class mixes up: the ledgers of its students, summed up without their names.

Only what an instructor may see counts, for what is met as for what overcomes it: see
:mod:`scope`. Who it was is told of one misconception at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404

from quizsite.accounts.models import User
from quizsite.courses.models import Course
from quizsite.dashboards import scope
from quizsite.learning.ledger import (
    Entry,
    Met,
    entries,
    met_in_exercises,
    met_in_quizzes,
)
from quizsite.learning.models import Encounter
from quizsite.learning.places import Located, Spot, located
from quizsite.quizzes.models import Response


@dataclass(frozen=True, slots=True)
class Struggler:
    """One student's share of an entry."""

    user: User
    entry: Entry  # of this student alone
    spots: Sequence[Spot]

    @property
    def items(self) -> list[Spot]:
        """One for each quiz and exercise, however many questions it was."""
        return list({(spot.kind, spot.item): spot for spot in self.spots}.values())


def course_ledger(course: Course, tag: str = "") -> list[Entry]:
    """Four queries, whatever the size of the class; ``tag``: of one misconception."""
    students = Encounter.objects.filter(user_id__in=course.student_ids)
    noted = students.filter(tag=tag) if tag else students
    attempts = scope.attempts(course).order_by().values("pk")
    submissions = scope.submissions(course)
    sent = submissions.order_by().values("pk")
    return entries(
        met_in_quizzes(
            noted.filter(response__attempt__in=attempts),
            Response.objects.filter(attempt__in=attempts),
        )
        + met_in_exercises(noted.filter(submission__in=sent), submissions)
    )


def course_entry(course: Course, tag: str) -> Located:
    """One misconception of the class.

    Raises:
        Http404: nobody has met it.
    """
    found = located(course_ledger(course, tag))
    if not found:
        raise Http404
    return found[0]


def strugglers(course: Course, shown: Located) -> list[Struggler]:
    """Those who have met it, as a Russian register lists them; the stuck ones first."""
    by_user: dict[int, list[Met]] = defaultdict(list)
    for one in shown.entry.met:
        by_user[one.user_id].append(one)
    known = shown.entry.misconception
    made = [
        Struggler(user, Entry(known, met), [shown.spots[one.place] for one in met])
        for user in scope.students(course)
        if (met := by_user.get(user.pk))
    ]
    return sorted(made, key=lambda one: one.entry.overcome)
