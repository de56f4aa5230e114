"""Quizzes, questions and what a question said at one time."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Quiz(models.Model):
    """A chapter's quiz."""

    chapter = models.OneToOneField(
        "book.Chapter", on_delete=models.CASCADE, related_name="quiz"
    )
    title = models.CharField(_("название"), max_length=200)
    # How many to draw by tag: [{"tag": "section-2", "draw": 3}, …]; see draws.py.
    pools = models.JSONField(default=list, blank=True)

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

    @property
    def tags(self) -> frozenset[str]:
        """What pools draw by: the author's tags, and the section as ``section-2``."""
        return frozenset(self.spec.get("tags", ())) | {f"section-{self.section}"}
