"""How certain a reader was, and how right: a table for the end of an attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from quizsite.lib.numbers import format_number
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.behaviours.certainty import PAYS_BEST, RIGHT, WRONG, cbm_mark
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.rules import Certainty


@dataclass(frozen=True)
class Level:
    """One level of certainty: what it pays, and how it went."""

    certainty: Certainty
    marks: tuple[float, ...] = ()

    @property
    def label(self) -> Any:
        return self.certainty.label

    @property
    def value(self) -> int:
        return self.certainty.value

    @property
    def right(self) -> str:
        return format_number(RIGHT[self.certainty])

    @property
    def wrong(self) -> str:
        return format_number(WRONG[self.certainty])

    @property
    def share(self) -> float | None:
        return fmean(self.marks) if self.marks else None

    @property
    def advice(self) -> str:
        """``over``, ``under`` or ``fit``: against where the level pays best."""
        if self.share is None:
            return ""
        low, high = PAYS_BEST[self.certainty]
        if self.share < low:
            return "over"
        return "under" if self.share > high else "fit"


LEVELS = [Level(one) for one in Certainty]


@dataclass(frozen=True)
class CertaintyTable:
    levels: Sequence[Level]
    weighed: bool  # whether certainty changed the points

    @property
    def accuracy(self) -> float | None:
        marks = [mark for level in self.levels for mark in level.marks]
        return fmean(marks) if marks else None

    @property
    def average(self) -> str:
        """The mean of the certainty-based marks, -6..3."""
        marks = [
            cbm_mark(mark, level.certainty)
            for level in self.levels
            for mark in level.marks
        ]
        return format_number(fmean(marks), decimals=2) if marks else ""


def certainty_table(
    attempt: Attempt, responses: Sequence[Response]
) -> CertaintyTable | None:
    """Of what was answered and marked; None where nobody said how certain."""
    told = [one for one in responses if _counts(one)]
    if not told:
        return None
    levels = [
        Level(
            level,
            tuple(one.mark or 0.0 for one in told if one.certainty == level),
        )
        for level in Certainty
    ]
    return CertaintyTable(levels, behaviour_of(attempt).weighs_certainty)


def _counts(response: Response) -> bool:
    told = response.certainty is not None and response.answer is not None
    return told and response.mark is not None
