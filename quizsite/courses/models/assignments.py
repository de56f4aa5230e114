"""What a course assigns, on which terms, and what one student is granted beyond."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from quizsite.courses.models.courses import Course
from quizsite.quizzes.rules import BehaviourName


class GradePolicy(models.TextChoices):
    BEST = "best", _("лучшая попытка")
    LAST = "last", _("последняя попытка")
    MEAN = "mean", _("среднее по попыткам")
    FIRST = "first", _("первая попытка")


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
    grade_policy = models.CharField(
        max_length=5, choices=GradePolicy.choices, default=GradePolicy.BEST
    )
    # What follows is of quizzes; how an attempt runs, as quizzes.rules has it.
    behaviour = models.CharField(
        max_length=10, choices=BehaviourName.choices, default=BehaviourName.TEST
    )
    asks_certainty = models.BooleanField(default=False)
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    time_limit = models.PositiveSmallIntegerField(null=True, blank=True)  # minutes
    max_attempts = models.PositiveSmallIntegerField(null=True, blank=True)
    pools = models.JSONField(null=True, blank=True)  # null: as the quiz says
    shuffle = models.BooleanField(default=False)  # the order of questions
    review = models.JSONField(null=True, blank=True)  # null: as the behaviour has it

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
    def restricts(self) -> bool:
        """Whether it asks for more than a test that anybody may take for themselves."""
        limits = (self.opens_at, self.closes_at, self.time_limit, self.max_attempts)
        return self.is_quiz and (
            self.behaviour != BehaviourName.TEST or any(limits) or bool(self.pools)
        )

    @property
    def matches(self) -> Q:
        """Grade events that count: the course's, and one's own where they are as good.

        So nothing is lost of what somebody did before they joined or signed in.
        """
        where = Q(course=self.course_id)
        if not self.restricts:
            where |= Q(course=None)
        return Q(kind=self.kind, item=self.item) & where

    @property
    def item_url(self) -> str:
        name = "quizzes:start" if self.is_quiz else "submissions:exercise"
        return reverse(name, args=[self.item])


class Override(models.Model):
    """What one student is granted beyond an assignment; null: as for everybody."""

    assignment = models.ForeignKey(
        Assignment, on_delete=models.CASCADE, related_name="overrides"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="overrides"
    )
    time_factor = models.FloatField(_("множитель времени"), default=1)
    extra_minutes = models.PositiveSmallIntegerField(_("ещё минут"), default=0)
    extra_attempts = models.PositiveSmallIntegerField(_("ещё попыток"), default=0)
    opens_at = models.DateTimeField(_("открыть"), null=True, blank=True)
    due_at = models.DateTimeField(_("срок"), null=True, blank=True)
    closes_at = models.DateTimeField(_("закрыть"), null=True, blank=True)
    reason = models.CharField(_("почему"), max_length=200, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    granted_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["user__username"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "user"], name="one_override_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.assignment}"
