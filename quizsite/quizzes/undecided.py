"""Answers that no machine could compare with the key: for the questions' authors.

They cost the reader nothing and give no points; an author who sees one can accept it
by a wider key, or name it as a near miss.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from quizsite.quizzes.models import Question, Response

MOST = 500  # of the latest answers


@dataclass
class Undecided:
    """One answer to one question, however many gave it."""

    question: Question
    answer: SafeString
    key: SafeString
    times: int


def undecided_responses() -> QuerySet[Response]:
    responses = Response.objects.filter(feedback__undecided=True)
    return responses.select_related("attempt", "version__question__quiz__chapter")


def undecided_answers() -> list[Undecided]:
    """The latest of them, the latest first."""
    return _counted(undecided_responses().order_by("-saved_at")[:MOST])


def _counted(responses: Iterable[Response]) -> list[Undecided]:
    found: dict[tuple[int, str, str], Undecided] = {}
    for response in responses:
        variant = response.variant
        answer, key = variant.show(response.answer), variant.show(variant.key)
        name = (response.version_id, answer, key)
        if name not in found:
            found[name] = Undecided(response.version.question, answer, key, 0)
        found[name].times += 1
    return list(found.values())
