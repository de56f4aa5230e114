"""Courses, who is in them, what is assigned, and the grades' history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Course(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(_("название"), max_length=200)
    description = models.TextField(blank=True)
    join_code = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("курс")
        verbose_name_plural = _("курсы")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("courses:detail", args=[self.slug])

    @property
    def student_ids(self) -> models.QuerySet[Enrolment, int]:
        return self.enrolments.students().values_list("user_id", flat=True)


class Role(models.TextChoices):
    STUDENT = "student", _("студент")
    INSTRUCTOR = "instructor", _("преподаватель")


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def students(self) -> EnrolmentQuerySet:
        return self.filter(role=Role.STUDENT)

    def instructors(self) -> EnrolmentQuerySet:
        return self.filter(role=Role.INSTRUCTOR)


class Enrolment(models.Model):
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="enrolments"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments"
    )
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.STUDENT)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="enrolled_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.course} ({self.role})"


class ItemKind(models.TextChoices):
    QUIZ = "quiz", _("квиз")
    EXERCISE = "exercise", _("задание")


class Assignment(models.Model):
    """A quiz (by its chapter's slug) or an exercise (by its slug) of a course."""

    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="assignments"
    )
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    item = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    max_points = models.FloatField(default=10)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "kind", "item"], name="assigned_once"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.item

    @property
    def is_quiz(self) -> bool:
        return self.kind == ItemKind.QUIZ

    @property
    def is_over(self) -> bool:
        return self.due_at is not None and self.due_at < timezone.now()

    @property
    def matches(self) -> Q:
        """Grade events of the item."""
        return Q(kind=self.kind, item=self.item)

    @property
    def matches_in_time(self) -> Q:
        """Grade events of the item that its deadline lets count as punctual."""
        if self.due_at is None:
            return self.matches
        return self.matches & Q(handed_in_at__lte=self.due_at)

    @property
    def item_url(self) -> str:
        name = "quizzes:start" if self.is_quiz else "submissions:exercise"
        return reverse(name, args=[self.item])


@dataclass(frozen=True, slots=True)
class Grade:
    """The best of what a person handed in for an item."""

    share: float  # 0..1
    on_time: float | None  # the best before the deadline; None: nothing was
    tries: int

    @property
    def is_late(self) -> bool:
        """Whether the best came after the deadline, and nothing as good before."""
        return self.on_time is None or self.on_time < self.share


Graded = dict[tuple[int, str, str], Grade]  # by user, kind, item


class GradeEventQuerySet(models.QuerySet["GradeEvent"]):
    def current(self) -> GradeEventQuerySet:
        """Those that count."""
        return self.filter(superseded_by=None)

    def best(self, assignments: Iterable[Assignment]) -> Graded:
        """Everybody's grade for each of the items, in one query."""
        listed = list(assignments)
        if not listed:
            return {}
        items, in_time = Q(), Q()
        for one in listed:
            items |= one.matches
            in_time |= one.matches_in_time
        rows = (
            self.current()
            .filter(items)
            .values_list("user_id", "kind", "item")
            .annotate(
                best=Max("share"), punctual=Max("share", filter=in_time), n=Count("pk")
            )
        )
        return {
            (user, kind, item): Grade(best, punctual, tries)
            for user, kind, item, best, punctual, tries in rows
        }


class GradeEvent(models.Model):
    """Append-only: what a finished attempt or a graded submission was worth.

    A person's grade for an item is the best of those that no later one supersedes;
    nothing is ever overwritten.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grade_events"
    )
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    item = models.SlugField(max_length=80)
    share = models.FloatField()  # 0..1 of the item's points
    attempt = models.OneToOneField(
        "quizzes.Attempt", on_delete=models.SET_NULL, null=True, blank=True
    )
    submission = models.ForeignKey(
        "submissions.Submission",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="grade_events",
    )
    # A regrading says something else of the same submission; this one counts then.
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
                condition=models.Q(supersedes=None),
                name="graded_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.kind}/{self.item}: {self.share:.0%}"
