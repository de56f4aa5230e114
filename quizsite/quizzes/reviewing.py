"""What may be seen of an attempt now: its rules' matrix at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.courses.rules import attempt_rules, rules_of
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.matrix import Aspect, Phase, phase_of
from quizsite.quizzes.models import Attempt
from quizsite.quizzes.rules import Rules

Aspects = frozenset[Aspect]


def shown_aspects(attempt: Attempt) -> Aspects:
    """What its reader may see now; at most two queries."""
    return aspects_by(rules_of(attempt), attempt, timezone.now())


def aspects_by(rules: Rules, attempt: Attempt, now: datetime) -> Aspects:
    """What the rules show of the attempt at that time."""
    phase = phase_of(
        finished_at=attempt.finished_at, closes_at=rules.review_closes_at, now=now
    )
    if phase == Phase.DURING and not behaviour_of(attempt).checks:
        return frozenset({Aspect.ANSWER})
    return rules.review[phase]


def shown_to_readers(attempts: Iterable[Attempt]) -> dict[UUID, Aspects]:
    """The same of many attempts, which come with their quizzes and chapters."""
    listed, now = list(attempts), timezone.now()
    rules = attempt_rules(listed)
    return {one.pk: aspects_by(rules[one.pk], one, now) for one in listed}


def withheld(user: User, *aspects: Aspect) -> tuple[list[UUID], ...]:
    """For each aspect the attempts whose reader may not see it yet; courses' only."""
    taken = Attempt.objects.filter(user=user, course__isnull=False)
    shown = shown_to_readers(taken.select_related("quiz__chapter"))
    return tuple(
        [pk for pk, seen in shown.items() if one not in seen] for one in aspects
    )


def concealed(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts for their reader: without the scores that are not shown yet.

    They come with their quizzes and chapters, and are for showing only.
    """
    listed = list(attempts)
    shown = shown_to_readers(listed)
    for one in listed:
        if Aspect.MARK not in shown[one.pk]:
            one.score = one.max_score = None
    return listed
