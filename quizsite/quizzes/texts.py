"""Markdown with ``@{expression}`` slots.

A template is rendered to HTML once, with a private-use character in each slot's
place; a variant then only puts numbers there. Numbers cannot carry markup, and a
slot's neighbourhood decides how it is written: LaTeX, code or prose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe

from quizsite.lib.expressions import (
    Expression,
    ExpressionError,
    Number,
    parse_expression,
)
from quizsite.lib.markup import render_inline, render_markdown
from quizsite.lib.numbers import Style, format_number

_PIECES = re.compile(
    r"(?P<code>```.*?```|~~~.*?~~~|``.+?``|`[^`]*`)"
    r"|(?P<math>(?<!\\)\$\$.+?\$\$|(?<!\\)\$[^$]+?\$)"
    r"|@\{(?P<slot>[^{}]*)\}",
    re.DOTALL,
)
_SLOT = re.compile(r"@\{(?P<slot>[^{}]*)\}")
_FIRST, _LAST = "\ue000", "\uf8ff"  # the private use area


class TemplateError(ValueError):
    """A slot that cannot be read."""


@dataclass(frozen=True, slots=True)
class Slot:
    """``@{expression|modifiers}``: a number of digits, ``+`` and ``()``."""

    expression: Expression
    style: Style
    decimals: int | None = None
    signed: bool = False
    bracketed: bool = False

    def text(self, values: Mapping[str, Number]) -> str:
        value = self.expression.evaluate(values)
        text = format_number(
            value, self.style, decimals=self.decimals, signed=self.signed
        )
        return f"({text})" if self.bracketed and value < 0 else text


@dataclass(frozen=True)
class Template:
    """A text with slots; ``skeleton`` has a private-use character for each."""

    source: str
    skeleton: str
    slots: tuple[Slot, ...] = field(repr=False)

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(slot.expression.names for slot in self.slots))

    def plain(self, values: Mapping[str, Number]) -> str:
        """The source with the numbers in."""
        return self._filled(self.skeleton, values)

    def html(self, values: Mapping[str, Number]) -> SafeString:
        return self._safe(render_markdown(self.skeleton), values)

    def inline(self, values: Mapping[str, Number]) -> SafeString:
        """HTML of one line, without a paragraph around it."""
        return self._safe(render_inline(self.skeleton), values)

    def _safe(self, html: str, values: Mapping[str, Number]) -> SafeString:
        return mark_safe(self._filled(html, values))

    def _filled(self, text: str, values: Mapping[str, Number]) -> str:
        for index, slot in enumerate(self.slots):
            text = text.replace(chr(ord(_FIRST) + index), slot.text(values))
        return text


@lru_cache(maxsize=4096)
def parse_template(source: str, style: Style | None = None) -> Template:
    """Read a text with slots; ``style`` forces how numbers are written.

    Raises:
        TemplateError: in Russian.
    """
    if any(_FIRST <= character <= _LAST for character in source):
        raise TemplateError("в тексте есть служебные символы Юникода")
    slots: list[Slot] = []
    if style is not None:
        skeleton = _cut(source, style, slots)
    else:
        skeleton = _PIECES.sub(lambda match: _piece(match, slots), source)
    if "@{" in skeleton:
        raise TemplateError("«@{» не закрыто: нужно @{выражение}")
    return Template(source, skeleton, tuple(slots))


def _piece(match: re.Match[str], slots: list[Slot]) -> str:
    if match["slot"] is not None:
        return _cut(match[0], "prose", slots)
    return _cut(match[0], "code" if match["code"] else "math", slots)


def _cut(text: str, style: Style, slots: list[Slot]) -> str:
    def replace(match: re.Match[str]) -> str:
        slots.append(_read_slot(match["slot"], style))
        return chr(ord(_FIRST) + len(slots) - 1)

    return _SLOT.sub(replace, text)


def _read_slot(text: str, style: Style) -> Slot:
    source, *modifiers = text.split("|")
    known = {word.strip() for word in modifiers}
    digits = [word for word in known if word.isascii() and word.isdigit()]
    if (
        known - {"+", "()", *digits}
        or len(digits) > 1
        or any(int(d) > 12 for d in digits)
    ):
        raise TemplateError(f"«@{{{text}}}»: после | бывает число знаков, + или ()")
    try:
        expression = parse_expression(source)
    except ExpressionError as error:
        where = f"{error.message} (символ {error.offset + 1})"
        raise TemplateError(f"«@{{{text}}}»: {where}") from error
    decimals = int(digits[0]) if digits else None
    return Slot(expression, style, decimals, "+" in known, "()" in known)
