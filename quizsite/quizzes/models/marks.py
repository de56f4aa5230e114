"""What instructors say of open answers, and who looks at which of them now."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from quizsite.quizzes.models.attempts import Response

MOST_COMMENT = 4000  # characters


class OpenMark(models.Model):
    """One instructor's mark of an open answer; appended only, the last one counts."""

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="open_marks"
    )
    number = models.PositiveIntegerField()  # 1, 2, …: the same one is not given twice
    marker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    levels = models.JSONField()  # the chosen level of each criterion, from 0
    share = models.FloatField()  # 0..1 of what the criteria give
    comment = models.TextField(_("комментарий"), blank=True, max_length=MOST_COMMENT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "number"], name="open_mark_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id} m{self.number}: {self.share:.0%}"


class MarkingLease(models.Model):
    """Who has an answer on their screen, so that nobody else is given it meanwhile."""

    response = models.OneToOneField(
        Response, on_delete=models.CASCADE, related_name="marking_lease"
    )
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.response_id}: {self.holder_id}"
