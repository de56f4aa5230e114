"""Small Russian helpers for the texts of reports."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

NBSP = "\N{NO-BREAK SPACE}"


def plural(n: int, one: str, few: str, many: str) -> str:
    """The number with its noun: 1 балл, 2 балла, 5 баллов."""
    if n % 10 == 1 and n % 100 != 11:
        noun = one
    elif n % 10 in (2, 3, 4) and n % 100 not in (12, 13, 14):
        noun = few
    else:
        noun = many
    return f"{n}{NBSP}{noun}"


def agreeing(n: int, one: str, many: str) -> str:
    """The form of a verb that goes with a number: совпадает 1, совпадают 2."""
    return one if n % 10 == 1 and n % 100 != 11 else many


def number(value: float, digits: int = 4) -> str:
    """Significant digits, a decimal comma, a real minus; whole numbers in full."""
    if math.isnan(value):
        return "NaN"
    whole = value == math.trunc(value) if math.isfinite(value) else False
    text = f"{value:.0f}" if whole and abs(value) < WHOLE else f"{value:.{digits}g}"
    text = re.sub(r"e([+-])0*", r"e\1", text).replace("e+", "e")
    return text.replace(".", ",").replace("-", "−").replace("inf", "∞")


WHOLE = 10**7  # larger numbers are unreadable in full


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see that they differ."""
    for digits in range(4, 17):
        texts = number(one, digits), number(other, digits)
        if texts[0] != texts[1]:
            break
    return texts


def percent(part: int, whole: int) -> str:
    """A share that is not said to be nothing or all unless it is."""
    share = 100 * part / whole
    if 0 < share < 1:
        return f"меньше 1{NBSP}%"
    if 99 < share < 100:
        return f"больше 99{NBSP}%"
    return f"{share:.0f}{NBSP}%"


def listing(items: Sequence[str]) -> str:
    """Items joined as a Russian enumeration: «а, б и в»."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} и{NBSP}{items[-1]}"


def capitalized(text: str) -> str:
    """A sentence begins with a capital; a name from the code stays as it is."""
    return text[0].upper() + text[1:] if _is_russian(text) else text


def continued(text: str) -> str:
    """The same sentence after a colon."""
    return text[0].lower() + text[1:] if _is_russian(text) else text


def _is_russian(text: str) -> bool:
    return bool(re.match("[А-яЁё]", text))


# Would command a terminal, or turn the line around; tabs and line ends are wanted.
CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def quoted(text: str, limit: int) -> str:
    """A student's text in short, with nothing in it that is not shown as written."""
    return CONTROLS.sub("\N{REPLACEMENT CHARACTER}", clipped(text, limit))


def clipped(text: str, limit: int) -> str:
    """At most ``limit`` characters, saying honestly how many were left out."""
    if len(text) <= limit:
        return text
    rest = plural(len(text) - limit, "символ", "символа", "символов")
    return f"{text[:limit]}… (ещё {rest})"
