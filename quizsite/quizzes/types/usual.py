"""Mistakes that anybody makes with any number or shape, found without the author.

Asked only after the author's own near misses, about an answer that is wrong. A hint is
given when one kind of mistake alone explains the answer; it names the kind and not
the right answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from quizsite.lib.expressions import Number
from quizsite.quizzes.near_misses import NOTHING_NEAR, Near

HINTS = {
    "sign": "Проверьте знак.",
    "factor-two": "Проверьте множитель 2: он потерян или лишний.",
    "off-by-one": "Проверьте, не ошиблись ли вы на единицу.",
    "log-base": "Проверьте основание логарифма.",
    "percent": "Проверьте, в долях ответ или в процентах.",
    "sample-size": "Проверьте, на что делите: на $n$ или на $n-1$.",
    "terms": "Проверьте слагаемые: одно потеряно или лишнее.",
    "units": "Проверьте единицы измерения: биты и байты, двоичные и десятичные.",
    "reciprocal": "Проверьте, что на что делится.",
    "elements-order": "Числа верны, но порядок другой.",
    "axes-order": "Размеры верны, но порядок осей другой.",
    "batch-axis": "Не хватает оси объектов мини-батча.",
    "axis-count": "Проверьте число осей: одна потеряна или лишняя.",
    "axis-off-by-one": "Размер одной из осей отличается от верного на единицу.",
}
LOGARITHMS = frozenset({"ln", "log", "log2", "log10", "lg"})
_BASES = (math.log(2), math.log(10), math.log2(10))
_UNIT_FACTORS = (8, Fraction(2**10, 10**3), Fraction(2**20, 10**6), 1024, 1000)
_UNITS = ("бит", "байт", "Б", "B")
_LEAST_SUM = 10  # smaller numbers differ by a term too easily


def usual(kind: str) -> Near:
    return Near(HINTS[kind], f"usual:{kind}", kind)


def the_only(kinds: Iterable[str]) -> Near:
    """What is said if one kind of mistake explains the answer; else nothing."""
    found = set(kinds)
    return usual(found.pop()) if len(found) == 1 else NOTHING_NEAR


@dataclass(frozen=True)
class Circumstances:
    """What a key was made of, for telling which mistakes are possible."""

    values: Mapping[str, Number]  # of the names it depends on
    functions: frozenset[str] = frozenset()
    unit: str = ""

    @property
    def sizes(self) -> list[int]:
        whole = (one for one in self.values.values() if isinstance(one, int))
        return sorted({one for one in whole if one >= 2})


def kinds_of_number(
    value: Number,
    key: Number,
    same: Callable[[Number, Number], bool],
    about: Circumstances,
) -> set[str]:
    """The kinds of mistake that turn the key into the value."""
    return {kind for kind, other in _slipped(key, about) if same(value, other)}


def near_number(
    value: Number,
    key: Number,
    same: Callable[[Number, Number], bool],
    about: Circumstances,
) -> Near:
    return the_only(kinds_of_number(value, key, same, about))


def near_numbers(
    values: Sequence[Number],
    keys: Sequence[Number],
    same: Callable[[Number, Number], bool],
    about: Circumstances,
) -> Near:
    """One mistake in all elements; a zero is a zero whatever its sign or unit."""
    if len(values) != len(keys):
        return NOTHING_NEAR
    kinds: set[str] | None = None
    for value, key in zip(values, keys, strict=True):
        if key == 0 and same(value, key):
            continue
        found = kinds_of_number(value, key, same, about)
        kinds = found if kinds is None else kinds & found
    return the_only(kinds or ())


def _slipped(key: Number, about: Circumstances) -> Iterator[tuple[str, Number]]:
    if isinstance(key, int):
        yield from (("off-by-one", key + 1), ("off-by-one", key - 1))
    if key == 0:
        return
    yield "sign", -key
    yield from _times("factor-two", key, (2,))
    yield from _times("percent", key, (100,))
    if LOGARITHMS & about.functions:
        yield from _times("log-base", key, _BASES)
    if any(unit in about.unit for unit in _UNITS):
        yield from _times("units", key, _UNIT_FACTORS)
    for size in about.sizes:
        ratio = Fraction(size, size - 1)
        if size > 2:  # of two it is just a factor of two
            yield from _times("sample-size", key, (ratio, math.sqrt(ratio)))
        if isinstance(key, int) and abs(key) >= _LEAST_SUM:
            yield from (("terms", key - size), ("terms", key + size))


def _times(
    kind: str, key: Number, factors: Iterable[Number]
) -> Iterator[tuple[str, Number]]:
    for factor in factors:
        yield from ((kind, key * factor), (kind, _quotient(key, factor)))


def _quotient(key: Number, factor: Number) -> Number:
    if isinstance(key, float) or isinstance(factor, float):
        return key / factor
    return Fraction(key) / Fraction(factor)
