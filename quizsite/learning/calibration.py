"""Is a reader as often right as they are certain?

For each level of certainty: the share of right first verdicts, with its 95 % interval
(Wilson, 1927), beside the range in which that level is the wise choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Case, Count, F, FloatField, Sum, When

from quizsite.accounts.models import User
from quizsite.dashboards.charts import Interval, wilson
from quizsite.quizzes.behaviours.certainty import PAYS_BEST
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Response
from quizsite.quizzes.reviewing import withheld
from quizsite.quizzes.rules import Certainty


@dataclass(frozen=True, slots=True)
class Level:
    """One level of certainty: how often it was right, how often it should be."""

    certainty: Certainty
    answers: int
    right: float  # may be partly
    wanted: tuple[float, float]

    @property
    def share(self) -> float | None:
        return self.right / self.answers if self.answers else None

    @property
    def interval(self) -> Interval | None:
        return None if self.share is None else wilson(self.share, self.answers)

    @property
    def verdict(self) -> str:
        """``few``, ``well``, ``over`` (too certain) or ``under``."""
        interval = self.interval
        if interval is None:  # fewer than charts.MIN_N answers
            return "few"
        if interval.high < self.wanted[0]:
            return "over"
        return "under" if interval.low > self.wanted[1] else "well"


def calibration(user: User) -> list[Level]:
    """All levels, from low to high, over everything the reader may know the marks of.

    What was right only at a later try was not known at the first.
    """
    (unknown,) = withheld(user, Aspect.MARK)
    first = When(wrong_tries=0, then=F("mark"))
    right = Sum(Case(first, default=0.0, output_field=FloatField()))
    judged = Response.objects.filter(
        attempt__user=user, certainty__isnull=False, mark__isnull=False
    ).exclude(attempt__in=unknown)
    rows = judged.values("certainty").annotate(answers=Count("pk"), right=right)
    found = rows.values_list("certainty", "answers", "right")
    return levels({level: (answers, right) for level, answers, right in found})


def levels(found: Mapping[int | None, tuple[int, float]]) -> list[Level]:
    """From the number of answers at each level, and how many of them were right."""
    return [Level(one, *found.get(one, (0, 0.0)), PAYS_BEST[one]) for one in Certainty]
