"""A question's answers marked again after its key was mended."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quizsite.quizzes.models.attempts import Response
from quizsite.quizzes.models.questions import Question, QuestionVersion


class RegradeStage(models.TextChoices):
    READY = "ready", _("ждёт решения")
    COMMITTED = "committed", _("записана")
    CANCELLED = "cancelled", _("отменена")


class QuestionRegrade(models.Model):
    """A job: all finished answers to a question held against its newest version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="regrades"
    )
    version = models.ForeignKey(QuestionVersion, on_delete=models.CASCADE)
    stage = models.CharField(
        max_length=10, choices=RegradeStage.choices, default=RegradeStage.READY
    )
    never_lower = models.BooleanField(default=False)  # what was committed with
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    committed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["question"],
                condition=Q(stage="ready"),
                name="question_regraded_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("quizzes:regrade", args=[self.pk])


class MarkChange(models.Model):
    """One answer within a regrade: what it was worth, and what it would be."""

    regrade = models.ForeignKey(
        QuestionRegrade, on_delete=models.CASCADE, related_name="changes"
    )
    response = models.ForeignKey(Response, on_delete=models.CASCADE)
    old_credit = models.FloatField(null=True)
    mark = models.FloatField(null=True)
    credit = models.FloatField(null=True)
    feedback = models.JSONField(default=dict)
    problem = models.CharField(max_length=200, blank=True)  # why it stays as it is
    committed = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["regrade", "response"], name="answer_regraded_once_in_a_job"
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id}: {self.old_credit} → {self.credit}"

    @property
    def difference(self) -> float:
        """In shares of the question's points; above 0: it rises."""
        return (self.credit or 0.0) - (self.old_credit or 0.0)
