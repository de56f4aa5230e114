"""Two formulas compared where their names have many values, with fifty digits.

Digits that differ may be the noise of a large number taken from a large number, so a
difference is looked at again with more digits: noise shrinks, a difference stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from mpmath import libmp

from quizsite.lib.expressions import Expression, ExpressionError
from quizsite.lib.formulas.precise import DIGITS, Real, TooBig, evaluate

MORE_DIGITS = 130
ENOUGH = 12  # points that agree
MAX_UNDEFINED = 2  # more of them are no accident
MAX_LOOKS = 4  # with more digits, for one comparison: they are what costs
FIRM, NOISY = 40, 15  # digits that must agree, and once noise was met

Point = Mapping[str, Fraction]


class Agreement(Enum):
    EQUAL = "equal"
    DIFFERENT = "different"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Witness:
    """A point where two formulas differ; ``given`` is None where it has no value."""

    point: Point
    given: Real | None
    wanted: Real


@dataclass
class Sampled:
    """A formula and its values at the points, each computed when first asked for."""

    expression: Expression
    points: Sequence[Point]
    _values: dict[tuple[int, int], Real | ExpressionError] = field(default_factory=dict)

    def at(self, index: int, digits: int = DIGITS) -> Real:
        """The value at a point.

        Raises:
            TooBig: out of bounds.
            ExpressionError: not defined there.
        """
        if (index, digits) not in self._values:
            self._values[index, digits] = self._evaluate(index, digits)
        value = self._values[index, digits]
        if isinstance(value, ExpressionError):
            raise value
        return value

    def _evaluate(self, index: int, digits: int) -> Real | ExpressionError:
        try:
            return evaluate(self.expression, self.points[index], digits)
        except ExpressionError as error:
            return error.with_traceback(None)


def compare(given: Sampled, wanted: Sampled) -> tuple[Agreement, Witness | None]:
    """Whether two formulas agree at all points of the second, which is defined there.

    Points where the first alone is not defined are passed over if they are few: a
    fraction may be written so that it has a hole. Never raises.
    """
    agreed = undefined = looks = 0
    digits = FIRM
    for index in range(len(wanted.points)):
        try:
            if same(given.at(index), wanted.at(index), digits):
                found = Agreement.EQUAL
            elif looks == MAX_LOOKS:
                break
            else:
                found = _looked_closer(given, wanted, index)
                looks += 1
                digits = NOISY if found is Agreement.EQUAL else digits
        except TooBig:
            continue
        except ExpressionError:
            undefined += 1
            if undefined > MAX_UNDEFINED:
                return Agreement.DIFFERENT, _hole(wanted, index)
            continue
        if found is Agreement.DIFFERENT:
            return found, _difference(given, wanted, index)
        agreed += found is Agreement.EQUAL
        if agreed == min(ENOUGH, len(wanted.points)):
            return Agreement.EQUAL, None
    return Agreement.UNSURE, None


def _looked_closer(given: Sampled, wanted: Sampled, index: int) -> Agreement:
    """What a difference of the first digits is with more of them."""
    exact_one = given.at(index, MORE_DIGITS)
    exact_other = wanted.at(index, MORE_DIGITS)
    if same(exact_one, exact_other):
        return Agreement.EQUAL
    before = _difference_of(given.at(index), wanted.at(index))
    difference = _difference_of(exact_one, exact_other)
    if _less(difference, before, digits=60):  # it was noise
        noise = _less(difference, libmp.fone, digits=40)
        return Agreement.EQUAL if noise else Agreement.UNSURE
    seen = not same(exact_one, exact_other, digits=12)
    return Agreement.DIFFERENT if seen else Agreement.UNSURE


def same(one: Real, other: Real, digits: int = FIRM) -> bool:
    """Whether two numbers agree to so many significant digits."""
    sizes = libmp.mpf_abs(one), libmp.mpf_abs(other)
    larger = sizes[libmp.mpf_lt(*sizes)]
    difference = _difference_of(one, other)
    return difference == libmp.fzero or _less(difference, larger, digits)


def _difference_of(one: Real, other: Real) -> Real:
    difference: Real = libmp.mpf_abs(
        libmp.mpf_sub(one, other, libmp.dps_to_prec(MORE_DIGITS), "n")
    )
    return difference


def _less(one: Real, other: Real, digits: int) -> bool:
    """Whether ``one ≤ other·10^-digits``."""
    scaled = libmp.mpf_mul(one, libmp.from_int(10**digits))
    return bool(libmp.mpf_le(scaled, other))


def _difference(given: Sampled, wanted: Sampled, index: int) -> Witness:
    return Witness(given.points[index], given.at(index), wanted.at(index))


def _hole(wanted: Sampled, index: int) -> Witness:
    return Witness(wanted.points[index], None, wanted.at(index))
