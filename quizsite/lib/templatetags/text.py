"""Template filters for text; loaded in every template."""

from __future__ import annotations

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from quizsite.lib.markup import render_inline, render_markdown
from quizsite.lib.plural import plural_here

register = template.Library()

# Django's names of message levels, in the words of components.css.
NOTICES = {"success": "ok", "error": "bad", "warning": "warn", "info": "info"}


@register.filter
def plural(number: int, forms: str) -> str:
    """``{{ n }} {{ n|plural:_("балл,балла,баллов") }}``; ``_()``: translatable."""
    return plural_here(int(number), forms)


@register.filter
def markdown(text: str) -> SafeString:
    return render_markdown(text)


@register.filter
def markdown_inline(text: str) -> SafeString:
    """One line of Markdown, no paragraph around it."""
    return render_inline(text)


@register.filter
def echo(text: str) -> SafeString:
    """How an answer was understood: text, with LaTeX between ``$`` and ``$``."""
    shown = [
        format_html('<span class="math inline">{}</span>' if index % 2 else "{}", part)
        for index, part in enumerate(text.split("$"))
    ]
    return format_html_join("", "{}", ((one,) for one in shown))


@register.filter
def problem(text: str) -> SafeString:
    """An error: a sentence, and below it what was typed with ``^`` at the place."""
    sentence, _, picture = text.partition("\n")
    if not picture:
        return format_html("{}", sentence)
    shown = '{} <code class="pointed-at" aria-hidden="true">{}</code>'
    return format_html(shown, sentence, picture)


@register.filter
def notice_class(level_tag: str) -> str:
    return NOTICES.get(level_tag, "")


@register.filter
def percent(share: float | None) -> str:
    """``0.85`` as ``85 %``, with a no-break space; nothing for ``None``."""
    return "" if share is None else f"{round(share * 100)}\u00a0%"
