"""The grades' history, and what it comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import NamedTuple

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from quizsite.courses.models.assignments import (
    Assignment,
    GradePolicy,
    ItemKind,
    Override,
)
from quizsite.courses.models.courses import Course


@dataclass(frozen=True, slots=True)
class Grade:
    """What a person's work for an item comes to by the assignment's policy."""

    share: float  # 0..1
    is_late: bool  # something that counts came after the deadline
    tries: int


Key = tuple[int, str, str]  # user, kind, item
Graded = dict[Key, Grade]


class Work(NamedTuple):
    """One graded piece of work."""

    share: float
    handed_in_at: datetime


class GradeEventQuerySet(models.QuerySet["GradeEvent"]):
    def current(self) -> GradeEventQuerySet:
        """Those that count."""
        return self.filter(superseded_by=None)

    def graded(self, assignments: Iterable[Assignment]) -> Graded:
        """Everybody's grade for each of one course's items, in two queries."""
        by_item = {one.key: one for one in assignments}
        if not by_item:
            return {}
        extended = _extended_deadlines(by_item.values())
        grades = {}
        for key, pieces in self._work(by_item.values()).items():
            assignment = by_item[key[1:]]
            due_at = extended.get(key, assignment.due_at)
            grades[key] = _grade(pieces, assignment.grade_policy, due_at)
        return grades

    def _work(self, assignments: Iterable[Assignment]) -> dict[Key, list[Work]]:
        """By person and item, in the order in which it came in."""
        matching = Q()
        for one in assignments:
            matching |= one.matches
        rows = (
            self.current()
            .filter(matching)
            .order_by("handed_in_at", "pk")
            .values_list("user_id", "kind", "item", "share", "handed_in_at")
        )
        work: dict[Key, list[Work]] = defaultdict(list)
        for user, kind, item, share, at in rows:
            work[user, kind, item].append(Work(share, at))
        return work


def _extended_deadlines(assignments: Iterable[Assignment]) -> dict[Key, datetime]:
    rows = Override.objects.filter(
        assignment__in=list(assignments), due_at__isnull=False
    ).values_list("user_id", "assignment__kind", "assignment__item", "due_at")
    return {(user, kind, item): at for user, kind, item, at in rows if at}


def _grade(work: Sequence[Work], policy: str, due_at: datetime | None) -> Grade:
    counted = _counted(work, policy)
    late = due_at is not None and any(one.handed_in_at > due_at for one in counted)
    return Grade(fmean(one.share for one in counted), late, len(work))


def _counted(work: Sequence[Work], policy: str) -> Sequence[Work]:
    """Those pieces of work, in their order, that the grade is the mean of."""
    match GradePolicy(policy):
        case GradePolicy.FIRST:
            return work[:1]
        case GradePolicy.LAST:
            return work[-1:]
        case GradePolicy.MEAN:
            return work
        case GradePolicy.BEST:
            return [max(work, key=lambda one: one.share)]  # the earliest of equals


class GradeEvent(models.Model):
    """Append-only: what a finished attempt or a graded submission was worth.

    A person's grade for an item comes of those that no later one supersedes, by the
    assignment's policy; nothing is ever overwritten.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grade_events"
    )
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    item = models.SlugField(max_length=80)
    # The attempt's; without one it was a test taken for oneself, or an exercise.
    course = models.ForeignKey(
        Course,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="grade_events",
    )
    share = models.FloatField()  # 0..1 of the item's points
    attempt = models.ForeignKey(
        "quizzes.Attempt",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="grade_events",
    )
    submission = models.ForeignKey(
        "submissions.Submission",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="grade_events",
    )
    # A regrading says something else of the same work; this one counts then.
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="superseded_by",
    )
    # When the work came in, not when it was graded: deadlines are judged by this.
    handed_in_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GradeEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "kind", "item"])]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=Q(supersedes=None),
                name="graded_once",
            ),
            models.UniqueConstraint(
                fields=["attempt"],
                condition=Q(supersedes=None),
                name="attempt_graded_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind}/{self.item}: {self.share:.0%}"
