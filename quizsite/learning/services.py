"""What an answer does to a reader's cards.

A card appears when a question is missed; from then on every first answer to it, in
whatever attempt, moves it. Starting a review: :mod:`starting`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from quizsite.learning.models import Card, HeldAttempt
from quizsite.learning.scheduling import due_of, rated, rated_after, rating_of
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.reviewing import shown_aspects, shown_to_readers


def note_attempt(*, attempt: Attempt, responses: list[Response]) -> None:
    """Move the cards of an attempt that was marked at its end.

    Where answers are checked while it runs each was noted at its first check. Where
    the marks are not to be seen yet nothing moves before they are: a new card would
    tell them.
    """
    if behaviour_of(attempt).checks or attempt.finished_at is None:
        return
    if Aspect.MARK in shown_aspects(attempt):
        _note_all(responses, attempt.finished_at)
    elif attempt.user_id is not None:
        HeldAttempt.objects.create(attempt=attempt)


def note_opened() -> int:
    """Move the cards of attempts whose marks may be seen by now; tells of how many.

    Called periodically: nothing happens at the moment when a review opens.
    """
    held = Attempt.objects.filter(pk__in=HeldAttempt.objects.values("pk"))
    attempts = list(held.select_related("quiz__chapter").order_by("finished_at"))
    shown = shown_to_readers(attempts)
    opened = [one for one in attempts if Aspect.MARK in shown[one.pk]]
    return sum(_note_held(attempt) for attempt in opened)


@transaction.atomic
def _note_held(attempt: Attempt) -> bool:
    gone, _ = HeldAttempt.objects.filter(attempt=attempt).delete()
    if not gone or attempt.finished_at is None:
        return False  # another worker was quicker
    _note_all(
        attempt.responses.select_related("version", "attempt"), attempt.finished_at
    )
    return True


def _note_all(responses: Iterable[Response], at: datetime) -> None:
    for response in responses:
        if response.answer is not None:
            note_response(response=response, at=at)


@transaction.atomic
def note_response(*, response: Response, at: datetime) -> None:
    """Move, or make, the card of one question by the first verdict on its answer.

    A guest has no cards, and what no machine marks gets none.
    """
    user_id, mark = response.attempt.user_id, response.mark
    if user_id is None or mark is None:
        return
    rating = rating_of(
        right=mark >= 1, certainty=response.certainty, hints=response.hints_taken
    )
    cards = Card.objects.select_for_update().filter(
        user=user_id, question=response.version.question_id
    )
    card = cards.first()
    if card is None:
        if mark < 1:
            _make(user_id, response.version.question_id, at)
        return
    if rated_after(card.memory, at):
        return  # an attempt that was held; a later answer says more
    card.memory = rated(card.memory, rating, at)
    card.due = due_of(card.memory)
    card.asked += 1
    card.missed += mark < 1
    card.save(update_fields=["memory", "due", "asked", "missed"])


def _make(user_id: int, question_id: int, at: datetime) -> None:
    memory = rated(None, rating_of(right=False, certainty=None, hints=0), at)
    Card.objects.get_or_create(
        user_id=user_id,
        question_id=question_id,
        defaults={"memory": memory, "due": due_of(memory)},
    )
