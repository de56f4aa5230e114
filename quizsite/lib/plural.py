"""Plural forms, for templates (the filter ``plural``) and for Python.

Not ``ngettext``: the source strings are Russian, and without a compiled Russian
catalogue it knows two forms of the three.
"""

from __future__ import annotations

from django.utils.translation import get_language


def plural(number: int, one: str, few: str, many: str) -> str:
    """The Russian form that goes with ``number``: 1 балл, 2 балла, 5 баллов."""
    tens, units = abs(number) % 100, abs(number) % 10
    if units == 1 and tens != 11:
        return one
    if 2 <= units <= 4 and not 12 <= tens <= 14:
        return few
    return many


def plural_here(number: int, forms: str) -> str:
    """The form for the page's language out of ``one,few,many``.

    A translation gives as many forms as its language has; the last serves the rest.
    """
    words = [word.strip() for word in forms.split(",")]
    if (get_language() or "ru").startswith("ru"):
        return plural(number, *(words + words[-1:] * 2)[:3])
    return words[0] if abs(number) == 1 else words[min(1, len(words) - 1)]
