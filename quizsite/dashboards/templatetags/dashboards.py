from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def at(titles: Mapping[str, str], key: str) -> str:
    """The value under a key; the key itself where there is none."""
    return titles.get(key, key)
