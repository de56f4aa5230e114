"""Bounded arithmetic of the expression language: exact while it can be."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

Number = int | float | Fraction

MAX_DIGITS = 30
MAX_RESULT = 10**30
MAX_EXPONENT = 10_000
MAX_EXACT_EXPONENT = 64  # beyond it powers are floating-point
MAX_EXACT_BITS = 1024  # beyond them a fraction becomes floating-point
MAX_FACTORIAL = 28  # 28! is the last below MAX_RESULT

TOO_BIG = "число слишком велико"
TOO_HIGH = "слишком большой показатель степени"
UNDEFINED = "выражение здесь не определено"


class ExpressionError(ValueError):
    """What is wrong with an expression, in Russian, and at which character.

    A negative offset says that only the caller knows the place.
    """

    def __init__(self, message: str, offset: int = 0) -> None:
        self.message, self.offset = message, offset
        super().__init__(message)


@dataclass(frozen=True)
class Arithmetic:
    """Numbers of one kind and what is done with them; the walker knows no more.

    Where an operation has no value it raises ExpressionError, ZeroDivisionError,
    OverflowError or ValueError; ``bounded`` refuses what is too large or undefined.
    """

    number: Callable[[Any], Any]  # from an int or a Fraction
    constants: Mapping[str, Any]
    functions: Mapping[str, Callable[..., Any]]
    operations: Mapping[type, Callable[[Any, Any], Any]]
    comparisons: Mapping[type, Callable[[Any, Any], bool]]
    divide: Callable[[Any, Any], Any]
    power: Callable[[Any, Any], Any]
    negate: Callable[[Any], Any]
    bounded: Callable[[Any], Any]


def _exact(value: Number) -> Number:
    """A whole fraction as an ``int``."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def _size(value: Number) -> Number:
    return -value if value < 0 else value


def _sqrt(value: Number) -> Number:
    if isinstance(value, float) or value < 0:
        return math.sqrt(value)
    whole = Fraction(value)
    root = Fraction(math.isqrt(whole.numerator), math.isqrt(whole.denominator))
    if root * root == whole:
        return root
    return math.sqrt(value)


def _log2(value: Number) -> Number:
    if isinstance(value, int) and value > 0 and value & (value - 1) == 0:
        return value.bit_length() - 1
    return math.log2(value)


def _round(value: Number, digits: Number = 0) -> Number:
    if not isinstance(digits, int) or abs(digits) > MAX_DIGITS:
        raise ValueError("второй аргумент round — целое число")
    if isinstance(value, float):
        return round(value, digits)
    return _exact(round(Fraction(value), digits))


def _sigmoid(value: Number) -> Number:
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    small = math.exp(value)  # exp(-value) could be too large
    return small / (1 + small)


def _factorial(value: Number) -> Number:
    if not isinstance(value, int) or value < 0:
        raise ValueError("факториал есть у целых неотрицательных чисел")
    if value > MAX_FACTORIAL:
        raise ExpressionError(TOO_BIG, -1)
    return math.factorial(value)


MANY = 20
FUNCTIONS: dict[str, tuple[int, int, Callable[..., Number]]] = {
    "sqrt": (1, 1, _sqrt),
    "log": (1, 1, math.log),
    "ln": (1, 1, math.log),
    "log2": (1, 1, _log2),
    "log10": (1, 1, math.log10),
    "lg": (1, 1, math.log10),
    "exp": (1, 1, math.exp),
    "sin": (1, 1, math.sin),
    "cos": (1, 1, math.cos),
    "tan": (1, 1, math.tan),
    "tg": (1, 1, math.tan),
    "tanh": (1, 1, math.tanh),
    "sigmoid": (1, 1, _sigmoid),
    "factorial": (1, 1, _factorial),
    "floor": (1, 1, math.floor),
    "ceil": (1, 1, math.ceil),
    "round": (1, 2, _round),
    "abs": (1, 1, abs),
    "min": (2, MANY, min),
    "max": (2, MANY, max),
}
CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}


def _divide(left: Number, right: Number) -> Number:
    if isinstance(left, float) or isinstance(right, float):
        return left / right
    return Fraction(left) / Fraction(right)


def _power(base: Number, exponent: Number) -> Number:
    if _size(exponent) > MAX_EXPONENT:
        raise ExpressionError(TOO_HIGH, -1)
    small = isinstance(exponent, int) and _size(exponent) <= MAX_EXACT_EXPONENT
    if isinstance(base, float) or not small:
        result = float(base) ** float(exponent)
        if isinstance(result, complex):
            raise ExpressionError("дробная степень отрицательного числа", -1)
        return result
    return Fraction(base) ** exponent


def _bounded(value: Number) -> Number:
    if isinstance(value, float) and math.isnan(value):
        raise ExpressionError(UNDEFINED, -1)
    if _size(value) > MAX_RESULT:
        raise ExpressionError(TOO_BIG, -1)
    if isinstance(value, Fraction) and value.denominator.bit_length() > MAX_EXACT_BITS:
        return float(value)
    return _exact(value)


# What a sign of the language does; division and powers are bounded above.
_OPERATIONS: dict[type, Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
EXACT = Arithmetic(
    number=lambda value: value,
    constants=CONSTANTS,
    functions={name: function for name, (_, _, function) in FUNCTIONS.items()},
    operations=_OPERATIONS,
    comparisons=_COMPARISONS,
    divide=_divide,
    power=_power,
    negate=operator.neg,
    bounded=_bounded,
)
