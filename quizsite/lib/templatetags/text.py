"""Template filters for text; loaded in every template."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from quizsite.lib.markup import render_markdown
from quizsite.lib.plural import plural as plural_form

register = template.Library()


@register.filter
def plural(number: int, forms: str) -> str:
    """``{{ n }} {{ n|plural:"балл,балла,баллов" }}``."""
    return plural_form(int(number), *forms.split(","))


@register.filter
def markdown(text: str) -> SafeString:
    return render_markdown(text)
