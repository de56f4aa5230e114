"""Attempts, the answers in them and how each answer came to be."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from quizsite.lib.numbers import format_number
from quizsite.quizzes.models.questions import QuestionVersion, Quiz
from quizsite.quizzes.questions import Variant
from quizsite.quizzes.rules import BehaviourName, Certainty
from quizsite.quizzes.stored import stored_variant

if TYPE_CHECKING:
    from quizsite.accounts.models import User


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
    # For which course; a reader's own attempt has none.
    course = models.ForeignKey(
        "courses.Course",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="attempts",
    )
    behaviour = models.CharField(
        max_length=10, choices=BehaviourName.choices, default=BehaviourName.TEST
    )
    asks_certainty = models.BooleanField(default=False)
    # Questions that came back, from the learning app; no way through the quiz.
    is_review = models.BooleanField(default=False)
    seed = models.BinaryField(max_length=16)  # secret: it determines every key
    started_at = models.DateTimeField(auto_now_add=True)
    deadline = models.DateTimeField(null=True, blank=True)  # by the server's clock
    finished_at = models.DateTimeField(null=True, blank=True)
    timed_out = models.BooleanField(default=False)  # ended by its deadline
    score = models.FloatField(null=True, blank=True)  # points, once finished
    max_score = models.FloatField(null=True, blank=True)
    # Essays that wait for an instructor; the score is not final before.
    unmarked = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(
                fields=["deadline"],
                condition=Q(finished_at=None, deadline__isnull=False),
                name="attempt_running_deadline",
            )
        ]
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
        """The score as a share of what was possible, 0..1.

        Confident mistakes may cost more than was earned; nobody ends below nothing.
        """
        if self.score is None or not self.max_score:
            return None
        return max(0.0, self.score / self.max_score)

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
    """The answer to one question of an attempt, how right it is and what that earns.

    ``mark`` is the type's verdict on the answer, ``credit`` what the behaviour makes of
    it: less a penalty for each try, or weighed by certainty (then -2..1).
    """

    attempt = models.ForeignKey(
        Attempt, on_delete=models.CASCADE, related_name="responses"
    )
    version = models.ForeignKey(
        QuestionVersion, on_delete=models.PROTECT, related_name="responses"
    )
    # Of the version that drew what was shown, where another one marks it now.
    drawn_by = models.CharField(max_length=64, blank=True)
    position = models.PositiveSmallIntegerField()
    answer = models.JSONField(null=True, blank=True)  # raw, as the form gave it
    certainty = models.PositiveSmallIntegerField(
        null=True, blank=True, choices=Certainty.choices
    )
    flagged = models.BooleanField(default=False)  # to come back to
    revision = models.PositiveIntegerField(default=0)  # grows with every save
    saved_at = models.DateTimeField(null=True, blank=True)
    mark = models.FloatField(null=True, blank=True)  # 0..1; null: not marked
    credit = models.FloatField(null=True, blank=True)  # share of the points
    feedback = models.JSONField(default=dict, blank=True)  # hints earned, per part
    wrong_tries = models.PositiveSmallIntegerField(default=0)  # those charged for
    hints_taken = models.PositiveSmallIntegerField(default=0)
    checked_revision = models.PositiveIntegerField(null=True, blank=True)
    revealed_at = models.DateTimeField(null=True, blank=True)  # its key was shown

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
        return self.variant_of(self.version)

    def variant_of(self, version: QuestionVersion) -> Variant:
        """The same numbers and order, but as that version words and marks them."""
        drawn_by = self.drawn_by or self.version.digest
        seed = bytes(self.attempt.seed)
        return stored_variant(version.digest, version.spec, seed, drawn_by)

    @property
    def hints(self) -> list[str]:
        """Markdown, said of the wrong options and near misses chosen."""
        hints: list[str] = self.feedback.get("hints", [])
        return hints

    @property
    def points(self) -> float | None:
        """What the answer earns; None: nobody marked it."""
        return None if self.credit is None else self.credit * self.version.points

    @property
    def is_owed_a_mark(self) -> bool:
        """Whether it is for a course's instructors to mark: an essay with a rubric."""
        return self.attempt.course_id is not None and "rubric" in self.version.spec

    @property
    def awaits_mark(self) -> bool:
        return self.is_owed_a_mark and self.mark is None and self.answer is not None

    @property
    def is_checked(self) -> bool:
        """Whether the verdict is of the answer as it stands."""
        return self.checked_revision is not None and (
            self.checked_revision == self.revision
        )


class RevisionKind(models.TextChoices):
    SAVED = "saved", _("сохранён")
    ASIDE = "aside", _("отложен: в другой вкладке был ответ новее")
    LATE = "late", _("пришёл после конца и не засчитан")


class ResponseRevision(models.Model):
    """An answer as it was at one time; appended only, the oldest are let go.

    A save that is older than what is stored, or too late, is kept aside here.
    """

    response = models.ForeignKey(
        Response, on_delete=models.CASCADE, related_name="revisions"
    )
    kind = models.CharField(
        max_length=6, choices=RevisionKind.choices, default=RevisionKind.SAVED
    )
    number = models.PositiveIntegerField()  # what is aside: the one that stood
    answer = models.JSONField(null=True, blank=True)
    certainty = models.PositiveSmallIntegerField(null=True, blank=True)
    typed_at = models.DateTimeField()  # by the browser's word, else saved_at
    saved_at = models.DateTimeField()
    # In practice, when it was checked, what came of it and whether it was charged for.
    checked_at = models.DateTimeField(null=True, blank=True)
    mark = models.FloatField(null=True, blank=True)
    charged = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["response", "number"],
                condition=Q(kind="saved"),
                name="revision_number_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.response_id} r{self.number} ({self.kind})"
