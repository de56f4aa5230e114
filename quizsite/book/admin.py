from __future__ import annotations

from django.contrib import admin

from quizsite.book.models import Chapter
from quizsite.lib.admin import ReadOnlyAdmin


@admin.register(Chapter)
class ChapterAdmin(ReadOnlyAdmin):
    """Chapters come from their files: ``load_book``."""

    list_display = ["order", "title", "slug", "version"]
    list_display_links = ["title"]
