"""How near to the key a number must be, and how that is told to the reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from quizsite.lib.expressions import Number
from quizsite.lib.numbers import format_number, significant
from quizsite.lib.plural import plural
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.scope import read_constant

NOISE = Fraction(1, 10**12)  # of binary fractions, relative


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``|answer − key| ≤ absolute + relative·|key|``, plus binary noise."""

    absolute: Fraction
    relative: Fraction
    rule: str  # printed beside the box
    decimals: int | None = None

    @property
    def exact(self) -> bool:
        return not self.absolute and not self.relative

    def accepts(self, answer: Number, key: Number) -> bool:
        given, wanted = Fraction(answer), Fraction(key)
        allowed = self.absolute + self.relative * abs(wanted)
        if isinstance(answer, float) or isinstance(key, float) or not self.exact:
            allowed += NOISE * max(abs(wanted), 1 if self.absolute else abs(wanted))
        return abs(given - wanted) <= allowed

    def print_key(self, key: Number) -> str:
        """The key as a reader would write it: no more digits than asked for."""
        if self.decimals is not None:
            return format_number(key, decimals=self.decimals)
        if self.exact or (isinstance(key, int) and abs(key) < 10**15):
            return format_number(key)
        wanted = (significant(key, digits) for digits in range(4, 18))
        return next(text for text in wanted if self._prints(text, key))

    def _prints(self, text: str, key: Number) -> bool:
        from quizsite.lib.numbers import read_number

        return self.accepts(read_number(text), key)


def read_tolerance(document: Document) -> Tolerance:
    """``exact``, ``{rounded: 3}`` or ``{computed: {rtol: …, atol: …}}``."""
    if document.value == "exact":
        rule = "точное значение: целое число, десятичная или обыкновенная дробь"
        return Tolerance(Fraction(0), Fraction(0), rule)
    if not isinstance(document.value, dict) or len(document.value) != 1:
        raise document.error("нужно exact, {rounded: …} или {computed: {rtol, atol}}")
    document.keys(required=set(), optional={"rounded", "computed"})
    kind = next(iter(document.value))
    return _KINDS[kind](document.child(kind))


def _rounded(document: Document) -> Tolerance:
    digits = document.expect(int)
    if not 0 <= digits <= 9:
        raise document.error("знаков после запятой бывает от 0 до 9")
    words = plural(digits, "знака", "знаков", "знаков")
    rule = f"округлите до {digits} {words} после запятой"
    if digits == 0:
        rule = "округлите до целого"
    return Tolerance(Fraction(1, 2 * 10**digits), Fraction(0), rule, digits)


def _computed(document: Document) -> Tolerance:
    document.keys(required={"rtol"}, optional={"atol"})
    relative = Fraction(read_constant(document.child("rtol")))
    absolute = Fraction(0)
    if "atol" in document.value:
        absolute = Fraction(read_constant(document.child("atol")))
    if not 0 < relative < 1 or absolute < 0:
        raise document.error("rtol — между 0 и 1, atol — не меньше 0")
    percent = format_number(relative * 100)
    return Tolerance(absolute, relative, f"допустима погрешность {percent}\u00a0%")


_KINDS: dict[str, Callable[[Document], Tolerance]] = {
    "rounded": _rounded,
    "computed": _computed,
}
