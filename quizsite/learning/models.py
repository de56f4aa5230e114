"""Questions that come back to a reader."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

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
