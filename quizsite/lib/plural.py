"""Russian plural forms."""

from __future__ import annotations


def plural(number: int, one: str, few: str, many: str) -> str:
    """The form that goes with ``number``: 1 балл, 2 балла, 5 баллов."""
    tens, units = abs(number) % 100, abs(number) % 10
    if units == 1 and tens != 11:
        return one
    if 2 <= units <= 4 and not 12 <= tens <= 14:
        return few
    return many
