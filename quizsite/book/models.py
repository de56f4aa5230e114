"""The textbook's chapters and sections, as ``load_book`` read them."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ChapterQuerySet(models.QuerySet["Chapter"]):
    def for_page(self) -> ChapterQuerySet:
        """With the sections and the number of the quiz's questions."""
        asked = Q(quiz__questions__retired=False)
        return (
            self.select_related("quiz")
            .prefetch_related("sections")
            .annotate(question_count=Count("quiz__questions", filter=asked))
        )


class Chapter(models.Model):
    """One chapter; ``version`` grows whenever its file changed."""

    slug = models.SlugField(unique=True)
    order = models.PositiveSmallIntegerField(unique=True)
    title = models.CharField(_("название"), max_length=200)
    summary = models.TextField(blank=True)
    url = models.URLField(blank=True)  # the textbook's own page
    has_questions = models.BooleanField(default=False)  # it has «Вопросы» there
    digest = models.CharField(max_length=64)
    version = models.PositiveIntegerField(default=1)

    objects = ChapterQuerySet.as_manager()

    class Meta:
        ordering = ["order"]
        verbose_name = _("глава")
        verbose_name_plural = _("главы")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("book:chapter", args=[self.slug])

    @property
    def shown_number(self) -> str:
        """As in «раздел 15.2»; the conclusion, which has no sections, has none."""
        return str(self.order) if self.sections.all() else ""


class Section(models.Model):
    chapter = models.ForeignKey(
        Chapter, on_delete=models.CASCADE, related_name="sections"
    )
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("название"), max_length=200)
    url = models.URLField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["chapter", "number"], name="section_number_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.chapter.order}.{self.number} {self.title}"
