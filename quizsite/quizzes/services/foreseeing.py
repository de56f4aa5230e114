"""Marks that are made before anything is locked.

To compare two formulas may take seconds, and where the database is SQLite a
transaction keeps everybody else from writing all that time. So an answer is marked as
it was read, the lock is taken, and the mark holds if the answer is still the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from quizsite.quizzes.models import Response
from quizsite.quizzes.types.base import Marked, Raw


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The mark of an answer as it was when it was read."""

    answer: Raw
    marked: Marked


Marks = Mapping[int, Foreseen]  # by the response's id


def foreseen(responses: Iterable[Response]) -> Marks:
    """To be asked for outside of any transaction."""
    return {one.pk: Foreseen(one.answer, _marked(one)) for one in responses}


def marked(response: Response, marks: Marks) -> Marked:
    """The mark of the answer as it stands: foreseen, or made now if it is another."""
    seen = marks.get(response.pk)
    if seen is not None and seen.answer == response.answer:
        return seen.marked
    return _marked(response)


def _marked(response: Response) -> Marked:
    variant = response.variant
    return variant.mark(variant.parse(response.answer))
