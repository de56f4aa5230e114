"""Everything that a course may assign."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from exercises.spec import Exercise, all_exercises
from quizsite.book.models import Chapter
from quizsite.courses.models import ItemKind
from quizsite.courses.services import Item
from quizsite.quizzes.models import Quiz


def assignable() -> list[Item]:
    """Every quiz and exercise, chapter by chapter as in the book."""
    quizzes = Quiz.objects.select_related("chapter").order_by("chapter__order")
    exercises = sorted(all_exercises(), key=_place(Chapter.objects.all()))
    return [Item(ItemKind.QUIZ, q.chapter.slug, q.title) for q in quizzes] + [
        Item(ItemKind.EXERCISE, e.slug, e.title) for e in exercises
    ]


def _place(chapters: Iterable[Chapter]) -> Callable[[Exercise], tuple[float, int, str]]:
    order = {chapter.slug: chapter.order for chapter in chapters}
    return lambda one: (order.get(one.chapter, float("inf")), one.section, one.slug)
