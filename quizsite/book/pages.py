"""What the reading pages show, put together in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from exercises.spec import Exercise, all_exercises
from quizsite.book.models import Chapter
from quizsite.book.progress import (
    ExerciseProgress,
    QuizProgress,
    Status,
    exercise_progress,
    quiz_progress,
)


@dataclass(frozen=True, slots=True)
class ExerciseEntry:
    exercise: Exercise
    progress: ExerciseProgress


@dataclass(frozen=True, slots=True)
class ChapterEntry:
    """A chapter with everything a reader may do about it."""

    chapter: Chapter
    quiz: QuizProgress
    exercises: Sequence[ExerciseEntry]

    @property
    def solved(self) -> int:
        return sum(one.progress.status == Status.SOLVED for one in self.exercises)


@dataclass(frozen=True, slots=True)
class ChapterPage:
    entry: ChapterEntry
    previous: Chapter | None
    following: Chapter | None


def contents(request: HttpRequest) -> list[ChapterEntry]:
    return _entries(request, Chapter.objects.for_page())


def chapter(request: HttpRequest, chapter: Chapter) -> ChapterPage:
    (entry,) = _entries(request, [chapter])
    neighbours = Chapter.objects.filter(
        order__in=[chapter.order - 1, chapter.order + 1]
    )
    by_order = {one.order: one for one in neighbours}
    return ChapterPage(
        entry,
        previous=by_order.get(chapter.order - 1),
        following=by_order.get(chapter.order + 1),
    )


def _entries(request: HttpRequest, chapters: Iterable[Chapter]) -> list[ChapterEntry]:
    quizzes, solutions = quiz_progress(request), exercise_progress(request)
    return [
        ChapterEntry(
            chapter,
            quizzes.get(chapter.pk, QuizProgress()),
            [
                ExerciseEntry(one, solutions.get(one.slug, ExerciseProgress()))
                for one in exercises_of(chapter)
            ],
        )
        for chapter in chapters
    ]


def exercises_of(chapter: Chapter) -> list[Exercise]:
    """In the order of the chapter's sections, the easier first."""
    mine = (one for one in all_exercises() if one.chapter == chapter.slug)
    return sorted(mine, key=lambda one: (one.section, one.difficulty, one.title))
