"""Quizzes, immutable question versions, attempts and responses."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quizsite.lib.numbers import format_number
from quizsite.quizzes.questions import Variant, stored_variant

if TYPE_CHECKING:
    from quizsite.accounts.models import User


class Quiz(models.Model):
    """A chapter's quiz."""

    chapter = models.OneToOneField(
        "book.Chapter", on_delete=models.CASCADE, related_name="quiz"
    )
    title = models.CharField(_("название"), max_length=200)

    class Meta:
        verbose_name = _("квиз")
        verbose_name_plural = _("квизы")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("quizzes:start", args=[self.chapter.slug])


class Question(models.Model):
    """A question's identity; what it says is in its versions."""

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="questions")
    slug = models.SlugField()
    position = models.PositiveSmallIntegerField()
    retired = models.BooleanField(default=False)  # gone from the file, kept for marks

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["quiz", "slug"], name="question_slug_once")
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def current(self) -> QuestionVersion:
        return self.versions.latest("number")


class QuestionVersion(models.Model):
    """What a question said at one time; never changed, so marks stay explicable."""

    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    type = models.CharField(max_length=20)
    section = models.PositiveSmallIntegerField()
    points = models.FloatField(default=1)
    spec = models.JSONField()  # the question's part of quiz.yaml
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["question", "number"], name="question_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.question.slug} v{self.number}"


class Attempt(models.Model):
    """One person's way through a quiz; a guest's has a key kept in the session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="attempts",
    )
    guest_key = models.CharField(max_length=64, blank=True, db_index=True)
    seed = models.BinaryField(max_length=16)  # secret: it determines every key
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)  # points, once finished
    max_score = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | ~Q(guest_key=""),
                name="attempt_has_owner",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiz} {self.id}"

    def get_absolute_url(self) -> str:
        name = "quizzes:result" if self.is_finished else "quizzes:attempt"
        return reverse(name, args=[self.id])

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def share(self) -> float | None:
        """The score as a share of what was possible, 0..1."""
        if self.score is None or not self.max_score:
            return None
        return self.score / self.max_score

    @property
    def score_text(self) -> str:
        """``12,5``; nothing while the attempt runs."""
        return "" if self.score is None else format_number(self.score, decimals=2)

    @property
    def max_score_text(self) -> str:
        return "" if self.max_score is None else format_number(self.max_score)

    def belongs_to(self, *, user: User | None, guest_key: str) -> bool:
        if self.user_id is not None:
            return user is not None and user.pk == self.user_id
        return bool(guest_key) and guest_key == self.guest_key


class Response(models.Model):
    """The answer to one question of an attempt, and its mark."""

    attempt = models.ForeignKey(
        Attempt, on_delete=models.CASCADE, related_name="responses"
    )
    version = models.ForeignKey(
        QuestionVersion, on_delete=models.PROTECT, related_name="responses"
    )
    position = models.PositiveSmallIntegerField()
    answer = models.JSONField(null=True, blank=True)  # raw, as the form gave it
    saved_at = models.DateTimeField(null=True, blank=True)
    mark = models.FloatField(null=True, blank=True)  # 0..1; null: not marked
    feedback = models.JSONField(default=dict, blank=True)  # hints earned, per part

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "position"], name="response_position_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} #{self.position}"

    @property
    def variant(self) -> Variant:
        """The question as this attempt sees it."""
        version = self.version
        return stored_variant(version.digest, version.spec, bytes(self.attempt.seed))

    @property
    def hints(self) -> list[str]:
        """Markdown, said of the wrong options and near misses chosen."""
        hints: list[str] = self.feedback.get("hints", [])
        return hints

    @property
    def points(self) -> float | None:
        """What the answer is worth; None: nobody marked it."""
        return None if self.mark is None else self.mark * self.version.points
