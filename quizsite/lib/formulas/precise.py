"""Arithmetic with many digits, for :class:`quizsite.lib.evaluation.Walk`.

Built on mpmath's functions of plain tuples, which take the precision as an argument:
unlike mpmath's contexts they hold no state that threads could disturb. Everything is
bounded: magnitudes between 10^±1000 (smaller is zero), exponents by 10 000, factorials
by 400, so no operation takes more than about a tenth of a millisecond.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache, partial, reduce
from typing import Any

from mpmath import libmp

from quizsite.lib.arithmetic import (
    FUNCTIONS,
    MAX_DIGITS,
    MAX_EXPONENT,
    TOO_BIG,
    TOO_HIGH,
    UNDEFINED,
    Arithmetic,
    ExpressionError,
)
from quizsite.lib.evaluation import Walk
from quizsite.lib.expressions import Expression

DIGITS = 50
MAX_POWER_OF_TEN = 1000
MAX_FACTORIAL = 400

Real = tuple[int, int, int, int]  # mpmath's: sign, mantissa, exponent, bits

_LARGEST: Real = libmp.from_int(10**MAX_POWER_OF_TEN)
_SMALLEST_EXPONENT = -4000  # of two: below 10^-1000
_NEAREST = "n"


class TooBig(ExpressionError):
    """A result beyond the bounds: nothing is known of the value."""


@lru_cache(maxsize=4)
def arithmetic(digits: int) -> Arithmetic:
    """Real arithmetic to so many significant decimal digits."""
    bits = libmp.dps_to_prec(digits)
    return Arithmetic(
        number=partial(_number, bits),
        constants={"pi": libmp.mpf_pi(bits), "e": libmp.mpf_e(bits)},
        functions={name: _function(name, bits) for name in FUNCTIONS},
        operations={
            ast.Add: partial(_rounded, libmp.mpf_add, bits),
            ast.Sub: partial(_rounded, libmp.mpf_sub, bits),
            ast.Mult: partial(_rounded, libmp.mpf_mul, bits),
            ast.FloorDiv: partial(_floor_divide, bits),
            ast.Mod: partial(_modulo, bits),
        },
        comparisons={
            ast.Eq: libmp.mpf_eq,
            ast.NotEq: lambda left, right: not libmp.mpf_eq(left, right),
            ast.Lt: libmp.mpf_lt,
            ast.LtE: libmp.mpf_le,
            ast.Gt: libmp.mpf_gt,
            ast.GtE: libmp.mpf_ge,
        },
        divide=partial(_rounded, libmp.mpf_div, bits),
        power=partial(_power, bits),
        negate=libmp.mpf_neg,
        bounded=_bounded,
    )


def evaluate(
    expression: Expression, point: Mapping[str, Fraction], digits: int = DIGITS
) -> Real:
    """The value where the names have these values.

    Raises:
        TooBig: it, or something on the way, is out of bounds.
        ExpressionError: it is not defined there.
    """
    with_digits = arithmetic(digits)
    values = {name: with_digits.number(value) for name, value in point.items()}
    value: Real = Walk(values, with_digits).value(expression.tree)
    return value


def as_fraction(value: Real) -> Fraction:
    """Exactly this value."""
    return Fraction(*libmp.to_rational(value))


def _number(bits: int, value: int | Fraction) -> Real:
    exact = Fraction(value)
    number: Real = libmp.from_rational(
        exact.numerator, exact.denominator, bits, _NEAREST
    )
    return number


def _rounded(operation: Any, bits: int, left: Real, right: Real) -> Any:
    return operation(left, right, bits, _NEAREST)


def _bounded(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    _, mantissa, exponent, size = value
    if not mantissa:
        if exponent:  # mpmath's infinities and nan
            raise ExpressionError(UNDEFINED, -1)
        return value
    if exponent + size < _SMALLEST_EXPONENT:
        return libmp.fzero
    if exponent + size > 0 and libmp.mpf_gt(libmp.mpf_abs(value), _LARGEST):
        raise TooBig(TOO_BIG, -1)
    return value


def _power(bits: int, base: Real, exponent: Real) -> Any:
    if libmp.mpf_gt(libmp.mpf_abs(exponent), libmp.from_int(MAX_EXPONENT)):
        raise TooBig(TOO_HIGH, -1)
    return libmp.mpf_pow(base, exponent, bits, _NEAREST)


def _floor_divide(bits: int, left: Real, right: Real) -> Any:
    # Twice the digits: a quotient that is whole must not fall below itself.
    return libmp.mpf_floor(libmp.mpf_div(left, right, 2 * bits, _NEAREST))


def _modulo(bits: int, left: Real, right: Real) -> Any:
    whole = _bounded(_floor_divide(bits, left, right))
    product = libmp.mpf_mul(whole, right, 2 * bits, _NEAREST)
    return libmp.mpf_sub(left, product, bits, _NEAREST)


_PLAIN = {
    "sqrt": libmp.mpf_sqrt,
    "log": libmp.mpf_log,
    "ln": libmp.mpf_log,
    "exp": libmp.mpf_exp,
    "sin": libmp.mpf_sin,
    "cos": libmp.mpf_cos,
    "tan": libmp.mpf_tan,
    "tg": libmp.mpf_tan,
    "tanh": libmp.mpf_tanh,
}


def _function(name: str, bits: int) -> Any:
    if name in _PLAIN:
        return lambda value: _PLAIN[name](value, bits, _NEAREST)
    others: dict[str, Any] = {
        "log2": partial(_log, bits, _natural(2, bits)),
        "log10": partial(_log, bits, _natural(10, bits)),
        "lg": partial(_log, bits, _natural(10, bits)),
        "sigmoid": partial(_sigmoid, bits),
        "factorial": partial(_factorial, bits),
        "floor": libmp.mpf_floor,
        "ceil": libmp.mpf_ceil,
        "round": partial(_round, bits),
        "abs": libmp.mpf_abs,
        "min": partial(_extreme, libmp.mpf_lt),
        "max": partial(_extreme, libmp.mpf_gt),
    }
    return others[name]


def _natural(base: int, bits: int) -> Any:
    return libmp.mpf_log(libmp.from_int(base), bits + 10, _NEAREST)


def _log(bits: int, unit: Real, value: Real) -> Any:
    logarithm = libmp.mpf_log(value, bits + 10, _NEAREST)
    return libmp.mpf_div(logarithm, unit, bits, _NEAREST)


def _sigmoid(bits: int, value: Real) -> Any:
    wide = bits + 10
    inverse = libmp.mpf_exp(libmp.mpf_neg(value), wide, _NEAREST)
    below = libmp.mpf_add(libmp.fone, inverse, wide, _NEAREST)
    return libmp.mpf_div(libmp.fone, below, bits, _NEAREST)


def _factorial(bits: int, value: Real) -> Any:
    _, _, exponent, _ = value
    if exponent < 0 or libmp.mpf_lt(value, libmp.fzero):
        raise ValueError("факториал есть у целых неотрицательных чисел")
    if libmp.mpf_gt(value, libmp.from_int(MAX_FACTORIAL)):
        raise TooBig(TOO_BIG, -1)
    return libmp.mpf_factorial(value, bits, _NEAREST)


def _round(bits: int, value: Real, digits: Real = libmp.fzero) -> Any:
    _, _, exponent, _ = digits
    limit = libmp.from_int(MAX_DIGITS)
    if exponent < 0 or libmp.mpf_gt(libmp.mpf_abs(digits), limit):
        raise ValueError("второй аргумент round — целое число")
    scale = _number(bits, Fraction(10) ** libmp.to_int(digits))
    scaled = libmp.mpf_nint(libmp.mpf_mul(value, scale, bits, _NEAREST))
    return libmp.mpf_div(scaled, scale, bits, _NEAREST)


def _extreme(before: Any, *values: Real) -> Real:
    return reduce(lambda one, other: other if before(other, one) else one, values)
