"""How far people have come with what a course assigns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.courses.models import (
    Assignment,
    Course,
    Grade,
    Graded,
    GradeEvent,
    ItemKind,
    Override,
)
from quizsite.courses.rules import rules_of_assignments, shows_grade
from quizsite.quizzes.models import Attempt
from quizsite.submissions.models import Submission

Begun = set[tuple[int, str, str]]  # user, kind, item


class Stage(StrEnum):
    UNTOUCHED = "untouched"
    BEGUN = "begun"  # an open attempt, or code that has no grade (yet)
    DONE = "done"
    LATE = "late"  # what counts of it came after the deadline


@dataclass(frozen=True, slots=True)
class Cell:
    """One person's standing in one assignment."""

    assignment: Assignment
    grade: Grade | None
    begun: bool
    hidden: bool = False  # handed in, but the student may not see the grade yet

    @property
    def stage(self) -> Stage:
        if self.grade is None:
            return Stage.BEGUN if self.begun else Stage.UNTOUCHED
        return Stage.LATE if self.grade.is_late else Stage.DONE

    @property
    def points(self) -> float | None:
        share = self.share
        return None if share is None else share * self.assignment.max_points

    @property
    def share(self) -> float | None:
        return None if self.grade is None or self.hidden else self.grade.share

    @property
    def is_full(self) -> bool:
        return self.share is not None and self.share > 1 - 1e-9

    @property
    def shade(self) -> int | None:
        """The share in five steps, 0..4: how deep a table colours the cell."""
        return None if self.share is None else int(4 * self.share + 1e-9)


@dataclass(frozen=True, slots=True)
class Progress:
    """One person's standing in every assignment, in the course's order."""

    cells: tuple[Cell, ...]

    @property
    def points(self) -> float:
        return sum(cell.points or 0 for cell in self.cells)

    @property
    def max_points(self) -> float:
        return sum(cell.assignment.max_points for cell in self.cells)

    @property
    def share(self) -> float:
        return self.points / self.max_points if self.max_points else 0


@dataclass(frozen=True, slots=True)
class Standings:
    """Everybody's standing; ask for one person's by their id."""

    assignments: Sequence[Assignment]
    graded: Graded
    begun: Begun

    def of(self, user_id: int) -> Progress:
        return Progress(tuple(self._cell(user_id, one) for one in self.assignments))

    def _cell(self, user_id: int, assignment: Assignment) -> Cell:
        key = (user_id, *assignment.key)
        return Cell(assignment, self.graded.get(key), key in self.begun)


def standings(course: Course, user_ids: Iterable[int]) -> Standings:
    """Where these people stand in the course, in five queries for any number."""
    assignments = list(course.assignments.all())
    graded = GradeEvent.objects.filter(user_id__in=user_ids).graded(assignments)
    return Standings(assignments, graded, _begun(assignments, user_ids))


def own_progress(course: Course, user: User) -> Progress:
    """One student's standing as they may see it: their deadlines, no hidden grade."""
    progress = standings(course, [user.pk]).of(user.pk)
    quizzes = [one.assignment for one in progress.cells if one.assignment.is_quiz]
    rules, now = rules_of_assignments(quizzes, user.pk), timezone.now()
    due = _own_deadlines(course, user)
    cells = []
    for cell in progress.cells:
        assignment = cell.assignment
        assignment.due_at = due.get(assignment.pk, assignment.due_at)  # to be shown
        known = rules.get(assignment.pk)
        shown = known is None or shows_grade(known, now)
        cells.append(replace(cell, hidden=cell.grade is not None and not shown))
    return Progress(tuple(cells))


def _own_deadlines(course: Course, user: User) -> dict[int, datetime]:
    granted = Override.objects.filter(assignment__course=course, user=user)
    return {one.assignment_id: one.due_at for one in granted if one.due_at}


def _begun(assignments: Sequence[Assignment], user_ids: Iterable[int]) -> Begun:
    slugs = {kind: [a.item for a in assignments if a.kind == kind] for kind in ItemKind}
    attempts = Attempt.objects.filter(
        user_id__in=user_ids, quiz__chapter__slug__in=slugs[ItemKind.QUIZ]
    )
    submissions = Submission.objects.filter(
        user_id__in=user_ids, exercise__in=slugs[ItemKind.EXERCISE]
    )
    taken = attempts.order_by().values_list("user_id", "quiz__chapter__slug").distinct()
    sent = submissions.order_by().values_list("user_id", "exercise").distinct()
    return {(user, str(ItemKind.QUIZ), slug) for user, slug in taken if user} | {
        (user, str(ItemKind.EXERCISE), slug) for user, slug in sent
    }
