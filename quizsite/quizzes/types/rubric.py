"""By what an open answer is judged: facts that it holds or not, or a rubric.

Either way these are criteria with levels, the least of them first. Whoever marks an
answer, its reader or an instructor, chooses one level of each: so both kinds are
stored, compared and counted alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from quizsite.lib.numbers import format_number
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template

FEWEST_CRITERIA, MOST_CRITERIA = 2, 8
FEWEST_LEVELS, MOST_LEVELS = 2, 6  # as many as digits choose comfortably
MOST_POINTS = 100

Levels = Sequence[int]  # the number of the chosen level of each criterion, from 0


@dataclass(frozen=True, slots=True)
class Level:
    points: float
    html: SafeString  # empty for a fact, where the points say it all
    text: str = ""  # Markdown

    @property
    def points_text(self) -> str:
        return format_number(self.points, decimals=2)


@dataclass(frozen=True, slots=True)
class Criterion:
    """A fact, or a row of a rubric, as one reader sees it."""

    number: int  # from 1
    html: SafeString
    text: str  # Markdown
    levels: tuple[Level, ...]

    @property
    def most(self) -> float:
        return self.levels[-1].points

    @property
    def most_text(self) -> str:
        return self.levels[-1].points_text


Criteria = Sequence[Criterion]


def fits(levels: Levels, criteria: Criteria) -> bool:
    """Whether one level of each criterion is chosen, and no other."""
    return len(levels) == len(criteria) and all(
        0 <= level < len(one.levels)
        for level, one in zip(levels, criteria, strict=True)
    )


def share_of(levels: Levels, criteria: Criteria) -> float:
    """What the levels earn of all that can be earned, 0..1."""
    earned = sum(
        one.levels[level].points for level, one in zip(levels, criteria, strict=True)
    )
    return earned / sum(one.most for one in criteria)


def fact(number: int, template: Template, values: Values) -> Criterion:
    """A reference point as a criterion: it is there, or it is not."""
    levels = (Level(0.0, SafeString()), Level(1.0, SafeString()))
    return Criterion(number, template.inline(values), template.plain(values), levels)


# --- the question's file ------------------------------------------------------------


@dataclass(frozen=True)
class LevelSpec:
    points: float
    text: Template


@dataclass(frozen=True)
class CriterionSpec:
    name: Template
    levels: tuple[LevelSpec, ...]

    def draw(self, number: int, values: Values) -> Criterion:
        levels = tuple(
            Level(one.points, one.text.inline(values), one.text.plain(values))
            for one in self.levels
        )
        name = self.name
        return Criterion(number, name.inline(values), name.plain(values), levels)


def read_rubric(document: Document, scope: Scope) -> tuple[CriterionSpec, ...]:
    """``rubric: [{name, levels: [{points, text}, …]}, …]``.

    Raises:
        DocumentError: with line and field.
    """
    parts = list(document.items())
    if not FEWEST_CRITERIA <= len(parts) <= MOST_CRITERIA:
        raise document.error(
            f"критериев должно быть от {FEWEST_CRITERIA} до {MOST_CRITERIA}"
        )
    criteria = tuple(_criterion(part, scope) for part in parts)
    seen: set[str] = set()
    for one, part in zip(criteria, parts, strict=True):
        if one.name.source in seen:
            raise part.child("name").error(f"критерий «{one.name.source}» повторяется")
        seen.add(one.name.source)
    return criteria


def _criterion(document: Document, scope: Scope) -> CriterionSpec:
    document.keys(required={"name", "levels"})
    name = scope.template(document.child("name"))
    return CriterionSpec(name, tuple(_levels(document.child("levels"), scope)))


def _levels(document: Document, scope: Scope) -> Iterator[LevelSpec]:
    parts = list(document.items())
    if not FEWEST_LEVELS <= len(parts) <= MOST_LEVELS:
        raise document.error(f"уровней должно быть от {FEWEST_LEVELS} до {MOST_LEVELS}")
    levels = [_level(part, scope) for part in parts]
    if levels[0].points != 0:
        raise parts[0].child("points").error("первый уровень — 0 баллов")
    for (lower, higher), part in zip(pairwise(levels), parts[1:], strict=True):
        if higher.points <= lower.points:
            message = "уровни идут от меньшего числа баллов к большему"
            raise part.child("points").error(message)
    yield from levels


def _level(document: Document, scope: Scope) -> LevelSpec:
    document.keys(required={"points", "text"})
    part = document.child("points")
    points = part.expect((int, float))
    if not 0 <= points <= MOST_POINTS:  # what is no number at all is neither
        raise part.error(f"баллы уровня — от 0 до {MOST_POINTS}")
    return LevelSpec(float(points), scope.template(document.child("text")))
