"""What may be seen of an attempt now: its rules' matrix at this moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

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


def concealed(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The attempts for their reader: without the scores that are not shown yet.

    They come with their quizzes and chapters, and are for showing only.
    """
    listed, now = list(attempts), timezone.now()
    rules = attempt_rules(listed)
    for one in listed:
        if Aspect.MARK not in aspects_by(rules[one.pk], one, now):
            one.score = one.max_score = None
    return listed


def unmarked_for_reader(attempts: Iterable[Attempt]) -> list[UUID]:
    """Those of which their reader may know no mark yet; they come as above."""
    listed, now = list(attempts), timezone.now()
    rules = attempt_rules(listed)
    return [
        one.pk
        for one in listed
        if Aspect.MARK not in aspects_by(rules[one.pk], one, now)
    ]
