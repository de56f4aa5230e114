"""The day's review: due questions of one chapter as a short practice attempt."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.learning.models import Card
from quizsite.quizzes.models import Attempt, Quiz, Response
from quizsite.quizzes.rules import BehaviourName
from quizsite.quizzes.services.starting import current_versions

DAILY = 20  # questions; the rest wait for tomorrow


class NothingDue(Exception):
    """No question of that chapter is to be asked today."""


@dataclass(frozen=True, slots=True)
class Due:
    """How many questions of a chapter are to be asked today."""

    quiz: Quiz
    count: int


def end_of_day(now: datetime) -> datetime:
    """A question due this evening may be asked this morning."""
    here = timezone.localtime(now)
    return here.replace(hour=23, minute=59, second=59, microsecond=999_999)


def todays_cards(user: User, now: datetime) -> list[Card]:
    """At most a day's worth, the longest overdue first."""
    cards = Card.objects.due(user, end_of_day(now))
    return list(cards.select_related("question__quiz__chapter")[:DAILY])


def todays_queue(user: User, now: datetime) -> list[Due]:
    """By chapter, in the book's order."""
    cards = todays_cards(user, now)
    counts = Counter(card.question.quiz_id for card in cards)
    quizzes = {card.question.quiz_id: card.question.quiz for card in cards}
    ordered = sorted(quizzes.values(), key=lambda quiz: quiz.chapter.order)
    return [Due(quiz, counts[quiz.pk]) for quiz in ordered]


@transaction.atomic
def start_review(*, user: User, quiz: Quiz) -> Attempt:
    """The running review of that chapter, or a new one with fresh variants.

    Raises:
        NothingDue: no question is to be asked today.
    """
    User.objects.select_for_update().get(pk=user.pk)  # a double click makes one
    running = quiz.attempts.filter(user=user, is_review=True, finished_at=None).first()
    if running is not None:
        return running
    cards = todays_cards(user, timezone.now())
    asked = {card.question_id for card in cards}
    versions = [one for one in current_versions(quiz) if one.question_id in asked]
    if not versions:
        raise NothingDue
    attempt = Attempt.objects.create(
        quiz=quiz,
        user=user,
        behaviour=BehaviourName.PRACTICE,
        asks_certainty=True,
        is_review=True,
        seed=secrets.token_bytes(16),
    )
    Response.objects.bulk_create(
        Response(attempt=attempt, version=version, position=position)
        for position, version in enumerate(versions, start=1)
    )
    return attempt
