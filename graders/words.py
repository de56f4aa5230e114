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


def number(value: float) -> str:
    """Four significant digits, decimal comma, real minus."""
    text = "NaN" if math.isnan(value) else f"{value:.4g}"
    return text.replace(".", ",").replace("-", "−").replace("inf", "∞")


def listing(items: Sequence[str]) -> str:
    """Items joined as a Russian enumeration: «а, б и в»."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} и{NBSP}{items[-1]}"


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
