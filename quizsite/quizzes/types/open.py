"""An answer in words; the reader compares it with the reference points."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import (
    BLANK,
    Body,
    Drawn,
    Marked,
    Parsed,
    Raw,
    as_text,
)


@dataclass(frozen=True)
class Open(Drawn):
    points: tuple[SafeString, ...]
    sample: str  # Markdown
    sample_html: SafeString

    @property
    def key(self) -> Raw:
        return self.sample

    def parse(self, raw: Raw) -> Parsed:
        text = as_text(raw)
        if not text.strip():
            return Parsed(errors={"": "нужен текст"}) if raw and not text else BLANK
        return Parsed(text)

    def mark(self, parsed: Parsed) -> Marked:
        return Marked(None)

    def show(self, raw: Raw) -> SafeString:
        if raw == self.sample:
            return self.sample_html
        lines = ((line,) for line in as_text(raw).split("\n") if line.strip())
        return format_html_join("", "<p>{}</p>", lines)

    def controls(self, raw: Raw, parsed: Parsed) -> str:
        return as_text(raw)


@dataclass(frozen=True)
class OpenBody(Body):
    reference_points: tuple[Template, ...]
    sample: Template
    type = "open"
    automatic = False
    required = frozenset({"reference_points", "sample"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        points = scope.templates(document, "reference_points")
        if not 3 <= len(points) <= 6:
            part = document.child("reference_points")
            raise part.error("опорных фактов должно быть от 3 до 6")
        return cls(points, scope.template(document.child("sample")))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        points = tuple(point.inline(values) for point in self.reference_points)
        return Open(points, self.sample.plain(values), self.sample.html(values))
