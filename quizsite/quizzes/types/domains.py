"""``symbols`` of a formula: what values they may have, and the points drawn there.

Half of the points are round numbers, for a witness that can be checked in one's head;
the other half have many digits, so that nothing vanishes at all of them by design.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from quizsite.lib.formulas.points import ENOUGH, Point
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.scope import Scope, read_constant
from quizsite.quizzes.types.symbols import check_symbol, in_order

POINTS = 16
ROUND_POINTS = POINTS // 2
_TURNS = 20 * POINTS  # of drawing, before points are accepted to repeat
_MANY_DIGITS = 1 << 64


@dataclass(frozen=True, slots=True)
class Range:
    """From ``low`` to ``high``, whole or not; or a multiple of another symbol."""

    low: Fraction
    high: Fraction
    whole: bool
    multiple_of: str | None = None

    @property
    def size(self) -> int:
        """How many values there are; of broken numbers, more than enough."""
        return int(self.high - self.low) + 1 if self.whole else _MANY_DIGITS

    def draw(self, dice: Dice, name: str, *, rounded: bool) -> Fraction:
        if self.whole:
            return self.low + dice.below(self.size, name)
        if not rounded:
            share = Fraction(1 + dice.below(_MANY_DIGITS, name), _MANY_DIGITS + 1)
            return self.low + (self.high - self.low) * share
        step = _round_step(self.high - self.low)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return (first + dice.below(last - first + 1, name)) * step


def _round_step(width: Fraction) -> Fraction:
    """A power of ten that divides a range into some hundreds of steps."""
    return Fraction(10) ** (math.floor(math.log10(width)) - 2)


@dataclass(frozen=True)
class Domain:
    """The symbols of a formula, each after the one that it is a multiple of."""

    ranges: tuple[tuple[str, Range], ...] = ()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.ranges]

    @property
    def whole(self) -> list[str]:
        return [name for name, one in self.ranges if one.whole]

    @property
    def facts(self) -> dict[str, dict[str, bool]]:
        """What a symbolic computation may assume."""
        return {name: _facts(one) for name, one in self.ranges}

    @cached_property
    def points(self) -> tuple[Point, ...]:
        if not self.ranges:
            return ({},)
        points: dict[tuple[Fraction, ...], Point] = {}
        for turn in range(_TURNS):
            dice = Dice.of("formula", turn.to_bytes(2, "big"))
            point = self._draw(dice, rounded=len(points) < ROUND_POINTS)
            points.setdefault(tuple(point.values()), point)
            if len(points) == POINTS:
                break
        return tuple(points.values())

    def _draw(self, dice: Dice, *, rounded: bool) -> dict[str, Fraction]:
        point: dict[str, Fraction] = {}
        for name, one in self.ranges:
            factor = point[one.multiple_of] if one.multiple_of else 1
            point[name] = one.draw(dice, name, rounded=rounded) * factor
        return point


def _facts(one: Range) -> dict[str, bool]:
    facts = {"integer" if one.whole else "real": True}
    if one.low > 0:
        facts["positive"] = True
    return facts


def read_domain(document: Document, scope: Scope) -> Domain:
    """``{t: {float: [0.05, 0.95]}, n: {int: [1, 9]}, d: {int: …, multiple_of: n}}``.

    Raises:
        DocumentError: with line and field.
    """
    if "symbols" not in document.value:
        return Domain()
    part = document.child("symbols")
    part.expect(dict)
    for name in part.value:
        check_symbol(part, name, scope)
    ranges = {name: _read_range(part.child(name), part) for name in part.value}
    divisors = {name: one.multiple_of for name, one in ranges.items()}
    domain = Domain(tuple((name, ranges[name]) for name in in_order(part, divisors)))
    if math.prod(one.size for one in ranges.values()) < ENOUGH:
        raise part.error(f"в области меньше {ENOUGH} точек: расширьте её")
    return domain


def _read_range(document: Document, symbols: Document) -> Range:
    document.keys(required=set(), optional={"int", "float", "multiple_of"})
    kinds = [kind for kind in ("int", "float") if kind in document.value]
    if len(kinds) != 1:
        raise document.error("нужна область: {int: [2, 40]} или {float: [0.05, 0.95]}")
    ends = document.child(kinds[0])
    low, high = _read_ends(ends)
    whole = kinds[0] == "int"
    if whole and not low.denominator == high.denominator == 1:
        raise ends.error("концы int — целые числа")
    return Range(low, high, whole, _divisor(document, symbols))


def _read_ends(document: Document) -> tuple[Fraction, Fraction]:
    numbers = [Fraction(read_constant(one)) for one in document.items()]
    if len(numbers) != 2 or numbers[0] >= numbers[1]:
        raise document.error("нужны два числа: [наименьшее, наибольшее]")
    return numbers[0], numbers[1]


def _divisor(document: Document, symbols: Document) -> str | None:
    divisor: str | None = document.get("multiple_of", str)
    if divisor is not None and divisor not in symbols.value:
        raise document.child("multiple_of").error(f"нет обозначения «{divisor}»")
    return divisor
