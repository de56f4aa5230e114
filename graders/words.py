"""Small Russian helpers for the texts of reports."""

from __future__ import annotations

import math
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


def clipped(text: str, limit: int) -> str:
    """At most ``limit`` characters, saying honestly how many were left out."""
    if len(text) <= limit:
        return text
    rest = plural(len(text) - limit, "символ", "символа", "символов")
    return f"{text[:limit]}… (ещё {rest})"
