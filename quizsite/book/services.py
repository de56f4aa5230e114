"""The book's chapters come from files and nowhere else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from django.db import transaction
from django.db.models import F

from quizsite.book.chapter_file import MAX_ORDER, ChapterFile, read_chapters
from quizsite.book.models import Chapter, Section
from quizsite.lib.loading import DocumentErrors, LoadReport
from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes.models import Attempt


def load_chapters(directory: Path) -> LoadReport:
    """Make the database say what the files say; the second time changes nothing.

    Raises:
        DocumentErrors: some files are malformed; the database stays as it was.
    """
    files = read_chapters(directory)
    with transaction.atomic():
        existing = {chapter.slug: chapter for chapter in Chapter.objects.all()}
        gone = existing.keys() - {file.slug for file in files}
        _remove(gone, directory)
        _make_way(files, existing)
        outcomes = Counter(_store(file, existing.get(file.slug)) for file in files)
    return LoadReport(**outcomes, removed=len(gone))


def _remove(slugs: set[str], directory: Path) -> None:
    attempted = Attempt.objects.filter(quiz__chapter__slug__in=slugs)
    kept = set(attempted.values_list("quiz__chapter__slug", flat=True))
    if kept:
        message = "папка исчезла, а по квизу главы есть попытки: верните её"
        raise DocumentErrors(
            DocumentError(directory, 1, slug, message) for slug in sorted(kept)
        )
    Chapter.objects.filter(slug__in=slugs).delete()


def _make_way(files: list[ChapterFile], existing: dict[str, Chapter]) -> None:
    # Two chapters that change places would meet in the unique column for a moment.
    moved = any(
        file.slug in existing and existing[file.slug].order != file.order
        for file in files
    )
    if moved:
        Chapter.objects.update(order=F("order") + MAX_ORDER + 1)


def _store(file: ChapterFile, chapter: Chapter | None) -> str:
    if chapter is not None and chapter.digest == file.digest:
        # The row may have been moved out of the way; the file decides where it is.
        Chapter.objects.filter(pk=chapter.pk).exclude(order=file.order).update(
            order=file.order
        )
        return "unchanged"
    outcome = "created" if chapter is None else "changed"
    if chapter is None:
        chapter = Chapter(slug=file.slug, version=0)
    chapter.version += 1
    for name in ("order", "title", "summary", "url", "has_questions", "digest"):
        setattr(chapter, name, getattr(file, name))
    chapter.save()
    _store_sections(file, chapter)
    return outcome


def _store_sections(file: ChapterFile, chapter: Chapter) -> None:
    for entry in file.sections:
        Section.objects.update_or_create(
            chapter=chapter,
            number=entry.number,
            defaults={"title": entry.title, "url": entry.url},
        )
    numbers = [entry.number for entry in file.sections]
    chapter.sections.exclude(number__in=numbers).delete()
