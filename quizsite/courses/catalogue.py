"""Everything that a course may assign."""

from __future__ import annotations

from exercises.spec import all_exercises
from quizsite.courses.models import ItemKind
from quizsite.courses.services import Item
from quizsite.quizzes.models import Quiz


def assignable() -> list[Item]:
    """Every quiz and exercise, chapter by chapter as in the book."""
    quizzes = Quiz.objects.select_related("chapter").order_by("chapter__order")
    return [Item(ItemKind.QUIZ, q.chapter.slug, q.title) for q in quizzes] + [
        Item(ItemKind.EXERCISE, e.slug, e.title) for e in all_exercises()
    ]
