"""What holds for an attempt: behaviour, clock, tries, pools, review. No database here.

A reader alone follows :func:`own_rules`; for a course its assignment says what holds,
with what an override grants one student (:mod:`quizsite.courses.rules`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from quizsite.quizzes.matrix import Matrix, preset

GRACE = timedelta(seconds=60)  # for what was typed in time and came late

Pool = Mapping[str, Any]  # {"tag": "section-2", "draw": 3}


class BehaviourName(models.TextChoices):
    PRACTICE = "practice", _("практика")
    TEST = "test", _("тест")
    CBM = "cbm", _("тест с уверенностью")
    EXAM = "exam", _("экзамен")


class Certainty(models.IntegerChoices):
    LOW = 1, _("не уверен(а)")
    MIDDLE = 2, _("скорее уверен(а)")
    HIGH = 3, _("уверен(а)")


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for one person's attempts at a quiz, for a course or for themselves.

    ``review_closes_at`` is when everybody's time is over: nobody may read a key while
    another still works.
    """

    behaviour: BehaviourName
    review: Matrix
    asks_certainty: bool = False
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    review_closes_at: datetime | None = None
    time_limit: timedelta | None = None
    max_attempts: int | None = None
    pools: Sequence[Pool] | None = None  # None: as the quiz says
    shuffle: bool = False

    def deadline(self, started_at: datetime) -> datetime | None:
        """When an attempt that was started then ends; None: never by itself."""
        ends = [self.closes_at] if self.closes_at else []
        if self.time_limit is not None:
            ends.append(started_at + self.time_limit)
        return min(ends, default=None)

    def is_open(self, now: datetime) -> bool:
        """Whether attempts may be started now."""
        opened = self.opens_at is None or self.opens_at <= now
        return opened and not self.is_closed(now)

    def is_closed(self, now: datetime) -> bool:
        return self.closes_at is not None and self.closes_at <= now


OWN_BEHAVIOURS = (BehaviourName.PRACTICE, BehaviourName.TEST, BehaviourName.CBM)


def own_rules(behaviour: str, *, asks_certainty: bool = False) -> Rules:
    """For a reader who answers to nobody: no limits, and everything is explained."""
    name = BehaviourName(behaviour)
    return Rules(name, preset(name), asks_certainty=asks_certainty)
