"""When a question should come back: FSRS, of which only the days are used.

The scheduler is the ``fsrs`` package's (FSRS-6, its default parameters, a wanted
retention of 90 %). Its steps of minutes are left out, for a quiz is taken once a day.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fsrs import Card, Rating, Scheduler

from quizsite.quizzes.rules import Certainty

_SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)

Memory = dict[str, Any]  # fsrs.Card.to_dict(): stability, difficulty, due and so on


def rating_of(*, right: bool, certainty: int | None, hints: int) -> Rating:
    """How well a question was remembered, by its first answer."""
    if not right:
        return Rating.Again
    if hints or certainty == Certainty.LOW:
        return Rating.Hard
    return Rating.Easy if certainty == Certainty.HIGH else Rating.Good


def rated(memory: Memory | None, rating: Rating, at: datetime) -> Memory:
    """The memory after one more answer; None: it is the first."""
    card = Card.from_dict(memory) if memory else Card(card_id=0)  # type: ignore[arg-type]
    card, _ = _SCHEDULER.review_card(card, rating, at.astimezone(UTC))
    return dict(card.to_dict())


def due_of(memory: Memory) -> datetime:
    """When it should be asked again."""
    return datetime.fromisoformat(memory["due"])


def rated_after(memory: Memory, at: datetime) -> bool:
    """Whether something that came after that time has been taken into account."""
    return datetime.fromisoformat(memory["last_review"]) > at


def retrievability(memory: Memory, at: datetime) -> float:
    """How likely it is remembered at that time, 0..1."""
    card = Card.from_dict(memory)  # type: ignore[arg-type]
    return float(_SCHEDULER.get_card_retrievability(card, at.astimezone(UTC)))
