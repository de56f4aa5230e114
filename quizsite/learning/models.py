"""Questions that come back to a reader, and what a reader has misunderstood."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from quizsite.accounts.models import User


class CardQuerySet(models.QuerySet["Card"]):
    def due(self, user: User, now: datetime) -> CardQuerySet:
        """Those to ask by then, the longest overdue first."""
        asked = self.filter(user=user, question__retired=False, due__lte=now)
        return asked.order_by("due", "pk")


class Card(models.Model):
    """One question in one reader's memory; each time it is asked as a new variant."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="cards"
    )
    question = models.ForeignKey(
        "quizzes.Question", on_delete=models.CASCADE, related_name="cards"
    )
    due = models.DateTimeField()
    memory = models.JSONField()  # see scheduling.Memory
    asked = models.PositiveIntegerField(default=1)
    missed = models.PositiveIntegerField(default=1)
    added_at = models.DateTimeField(auto_now_add=True)

    objects = CardQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "due"])]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "question"], name="card_once_for_a_question"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question} → {self.due:%Y-%m-%d}"


class HeldAttempt(models.Model):
    """A finished attempt that moves no cards yet, for its marks are not to be seen."""

    attempt = models.OneToOneField(
        "quizzes.Attempt", on_delete=models.CASCADE, primary_key=True, related_name="+"
    )

    def __str__(self) -> str:
        return str(self.attempt_id)


class Encounter(models.Model):
    """A misconception that one answer or one submission showed.

    Whether it has been overcome since is in the marks, and is not kept here.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="encounters"
    )
    tag = models.SlugField(max_length=60)  # of the vocabulary
    at = models.DateTimeField()
    # Of a quiz: which answer, and as it was at which revision.
    response = models.ForeignKey(
        "quizzes.Response",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="encounters",
    )
    question = models.ForeignKey(
        "quizzes.Question",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="encounters",
    )
    revision = models.PositiveIntegerField(default=0)
    # Of an exercise.
    submission = models.ForeignKey(
        "submissions.Submission",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="encounters",
    )
    exercise = models.SlugField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "tag"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(response__isnull=False, question__isnull=False, exercise="")
                | (
                    Q(submission__isnull=False, response=None, question=None)
                    & ~Q(exercise="")
                ),
                name="encounter_in_one_place",
            ),
            models.UniqueConstraint(
                fields=["response", "revision", "tag"],
                name="encounter_once_in_an_answer",
            ),
            models.UniqueConstraint(
                fields=["submission", "tag"], name="encounter_once_in_a_submission"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.at:%Y-%m-%d}"
