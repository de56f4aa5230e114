"""Symbols of a tensor's shape and the points where two shapes are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from quizsite.lib.expressions import RESERVED
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.scope import Scope

POINTS = 24
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,15}")


@dataclass(frozen=True, slots=True)
class Symbols:
    """Names with what each is a multiple of, after which it comes."""

    multiples: tuple[tuple[str, str | None], ...] = ()

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.multiples]

    def points(self) -> tuple[Mapping[str, int], ...]:
        return _points(self.multiples)


@lru_cache(maxsize=256)
def _points(
    multiples: tuple[tuple[str, str | None], ...],
) -> tuple[Mapping[str, int], ...]:
    if not multiples:
        return ({},)
    return tuple(_point(multiples, Dice.of("shape", bytes([n]))) for n in range(POINTS))


def _point(
    multiples: tuple[tuple[str, str | None], ...], dice: Dice
) -> Mapping[str, int]:
    point: dict[str, int] = {}
    for name, divisor in multiples:
        size = 2 + dice.below(40, name)
        point[name] = size * point[divisor] if divisor else size
    return point


def read_symbols(document: Document, scope: Scope) -> Symbols:
    """``{B: , h: , d: {multiple_of: h}}``, ordered so that divisors come first."""
    if "symbols" not in document.value:
        return Symbols()
    part = document.child("symbols")
    part.expect(dict)
    divisors = {name: _divisor(part, name, scope) for name in part.value}
    return Symbols(tuple((name, divisors[name]) for name in in_order(part, divisors)))


def in_order(part: Document, divisors: Mapping[str, str | None]) -> list[str]:
    """The names, each after the one that it is a multiple of.

    Raises:
        DocumentError: they go round in a circle.
    """
    ordered: list[str] = []
    while len(ordered) < len(divisors):
        ready = [
            name
            for name, divisor in divisors.items()
            if name not in ordered and (divisor is None or divisor in ordered)
        ]
        if not ready:
            raise part.error("multiple_of ссылаются друг на друга по кругу")
        ordered += ready
    return ordered


def check_symbol(part: Document, name: object, scope: Scope) -> str:
    """Raises:
    DocumentError: it is no name, or something else has it.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise part.error(f"обозначение «{name}» — не латинские буквы и цифры")
    if name in scope.names or name in RESERVED:
        raise part.child(name).error(f"имя «{name}» уже занято")
    return name


def _divisor(part: Document, name: object, scope: Scope) -> str | None:
    rule = part.child(check_symbol(part, name, scope))
    if rule.value is None:
        return None
    rule.keys(required={"multiple_of"})
    divisor: str = rule.child("multiple_of").expect(str)
    if divisor not in part.value:
        raise rule.child("multiple_of").error(f"нет обозначения «{divisor}»")
    return divisor
