"""Where an answer differs from the key, in words: «при n = 3: у вас 14, …»."""

from __future__ import annotations

from fractions import Fraction

from quizsite.lib.formulas.points import Point, Witness
from quizsite.lib.formulas.precise import Real, as_fraction
from quizsite.lib.formulas.writing import name_to_latex
from quizsite.lib.numbers import format_number, significant
from quizsite.quizzes.types.base import Part

SHOWN_DIGITS = range(6, 16)
_LONGEST = 8  # characters of a symbol's value
_HUGE = 10**100


def witnessed(witness: Witness | None) -> tuple[Part, ...]:
    """The verdict at the point, or in general if it was reached without one."""
    if witness is None:
        return (Part("в общем виде", False, "выражения не равны"),)
    wanted = as_fraction(witness.wanted)
    if witness.given is None:
        note = f"у вас значения нет, ожидалось {_short(wanted, SHOWN_DIGITS.start)}"
    else:
        note = "у вас {}, ожидалось {}".format(*_told(witness.given, wanted))
    return (Part(at(witness.point) or "значение", False, note),)


def at(point: Point) -> str:
    """``при $n = 3$, $d = 5$``; nothing where there are no symbols."""
    values = (f"${name_to_latex(n)} = {_rounded(value)}$" for n, value in point.items())
    return f"при {', '.join(values)}" if point else ""


def _rounded(value: Fraction) -> str:
    exact = format_number(value, "math")
    if value.denominator == 1 or len(format_number(value)) <= _LONGEST:
        return exact
    return format_number(float(value), "math") + r"\ldots"


def _told(given: Real, wanted: Fraction) -> tuple[str, str]:
    """Two different numbers with as many digits as it takes to see the difference."""
    one, other = "", ""
    for digits in SHOWN_DIGITS:
        one, other = _short(as_fraction(given), digits), _short(wanted, digits)
        if one != other:
            break
    return one, other


def _short(value: Fraction, digits: int) -> str:
    if abs(value) > _HUGE:
        return "меньше −10¹⁰⁰" if value < 0 else "больше 10¹⁰⁰"
    whole = value.denominator == 1 and abs(value) < 10**9
    return format_number(value.numerator) if whole else significant(value, digits)
