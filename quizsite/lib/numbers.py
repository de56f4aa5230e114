"""Numbers as Russian readers write them, and as Russian books print them.

How typing is repaired is told in :mod:`quizsite.lib.typed`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Literal

from quizsite.lib.expressions import Expression, ExpressionError, Number
from quizsite.lib.typed import Typed, read_typed

# --- reading ------------------------------------------------------------------------


def read_expression(
    text: str, *, names: Iterable[str] = (), decimal_comma: bool = True
) -> Expression:
    """An expression a reader typed, which may use ``names``.

    Raises:
        ExpressionError: in Russian, pointing at the character that was typed.
    """
    return read_typed(text, names=names, decimal_comma=decimal_comma).expression


def read_number(text: str) -> Number:
    """A number a reader typed: ``0,5``, ``−3``, ``3/4``, ``2·10^-3``, ``√2``.

    Raises:
        ExpressionError: it is no number.
    """
    stripped = text.strip().lstrip("=≈")
    shift = len(text) - len(text.lstrip()) + len(text.strip()) - len(stripped)
    try:
        value = _evaluated(read_typed(stripped))
    except ExpressionError as error:
        raise ExpressionError(error.message, error.offset + shift) from error
    if isinstance(value, bool):
        raise ExpressionError("нужно число, а не сравнение")
    return value


def _evaluated(typed: Typed) -> Number:
    try:
        return typed.expression.evaluate({})
    except ExpressionError as error:
        raise typed.error(error.message, error.offset) from error


# --- writing ------------------------------------------------------------------------

Style = Literal["prose", "math", "code"]
MAX_DECIMALS = 12
SIGNIFICANT = 6
_UP = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def format_number(
    value: Number,
    style: Style = "prose",
    *,
    decimals: int | None = None,
    signed: bool = False,
) -> str:
    """The number as prose (``−0,5``), LaTeX (``-0{,}5``) or code (``-0.5``)."""
    plain = _plain(value, decimals)
    negative = plain.startswith("-")
    body = _STYLES[style](plain.lstrip("-"))
    minus = "−" if style == "prose" else "-"
    sign = minus if negative else "+" if signed else ""
    space = {"prose": "\u00a0", "math": " ", "code": " "}[style] if signed else ""
    return f"{sign}{space}{body}"


def _plain(value: Number, decimals: int | None) -> str:
    """ASCII digits: ``-12.5``, ``1/3`` or ``1.5e-8``."""
    if decimals is not None:
        return _rounded(value, decimals)
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, Fraction) and abs(value) >= Fraction(1, 10_000):
        return _fraction(value)
    return _float(float(value))


def _rounded(value: Number, decimals: int) -> str:
    exact = Fraction(value)
    whole = math.floor(abs(exact) * 10**decimals + Fraction(1, 2))  # half up
    sign = "-" if exact < 0 else ""
    digits = str(whole).rjust(decimals + 1, "0")
    cut = len(digits) - decimals
    return _strip(f"{sign}{digits[:cut]}.{digits[cut:]}")


def _strip(text: str) -> str:
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _fraction(value: Fraction) -> str:
    scaled = value * 10**MAX_DECIMALS
    if scaled.denominator == 1:
        return _rounded(value, MAX_DECIMALS)
    return f"{value.numerator}/{value.denominator}"


def _float(value: float, significant: int = SIGNIFICANT) -> str:
    if value == 0:
        return "0"
    order = math.floor(math.log10(abs(value)))
    if -5 < order < 15:
        return _strip(f"{value:.{max(0, significant - 1 - order)}f}")
    mantissa, _, power = f"{value:.{significant - 1}e}".partition("e")
    return f"{_strip(mantissa)}e{int(power)}"


def significant(value: Number, digits: int) -> str:
    """Prose with so many significant digits."""
    text = _float(float(value), digits)
    return ("−" if text.startswith("-") else "") + _prose(text.lstrip("-"))


def _group(digits: str, gap: str) -> str:
    """Thousands apart, from five digits on: 1024, but 65 536."""
    whole, point, rest = digits.partition(".")
    if len(whole) > 4:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", lambda _: gap, whole)
    return whole + point + rest


def _prose(plain: str) -> str:
    mantissa, _, power = plain.partition("e")
    number = _group(mantissa, "\u00a0").replace(".", ",")
    if not power:
        return number
    ten = "10" + power.translate(_UP)
    return ten if mantissa == "1" else f"{number}·{ten}"


def _math(plain: str) -> str:
    if "/" in plain:
        return r"\frac{{{}}}{{{}}}".format(*plain.split("/"))
    mantissa, _, power = plain.partition("e")
    number = _group(mantissa, r"\,").replace(".", "{,}")
    if not power:
        return number
    ten = f"10^{{{power}}}"
    return ten if mantissa == "1" else rf"{number} \cdot {ten}"


_STYLES: dict[str, Callable[[str], str]] = {
    "prose": _prose,
    "math": _math,
    "code": lambda plain: plain,
}
