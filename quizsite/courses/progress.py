"""How far people have come with what a course assigns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from quizsite.courses.models import (
    Assignment,
    Course,
    Grade,
    Graded,
    GradeEvent,
    ItemKind,
)
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

    @property
    def stage(self) -> Stage:
        if self.grade is None:
            return Stage.BEGUN if self.begun else Stage.UNTOUCHED
        return Stage.LATE if self.grade.is_late else Stage.DONE

    @property
    def points(self) -> float | None:
        grade = self.grade
        return None if grade is None else grade.share * self.assignment.max_points

    @property
    def share(self) -> float | None:
        return None if self.grade is None else self.grade.share

    @property
    def is_full(self) -> bool:
        return self.grade is not None and self.grade.share > 1 - 1e-9

    @property
    def shade(self) -> int | None:
        """The share in five steps, 0..4: how deep a table colours the cell."""
        return None if self.grade is None else int(4 * self.grade.share + 1e-9)


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
