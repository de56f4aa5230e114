"""An answer in words; its reader compares it with the key, an instructor may mark it.

The key is a sample and either reference points, facts that a good answer holds, or the
rubric of an essay: see :mod:`rubric`.
"""

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
    MAX_ANSWER,
    Body,
    Drawn,
    Marked,
    Parsed,
    Raw,
    as_text,
)
from quizsite.quizzes.types.rubric import Criterion, CriterionSpec, fact, read_rubric


@dataclass(frozen=True)
class Open(Drawn):
    criteria: tuple[Criterion, ...]
    has_rubric: bool
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
        lines = ((line,) for line in bounded(raw).split("\n") if line.strip())
        return format_html_join("", "<p>{}</p>", lines)

    def controls(self, raw: Raw, parsed: Parsed) -> str:
        return as_text(raw)


def bounded(raw: Raw) -> str:
    """An answer's text as far as it is shown, however it came into the database."""
    text = as_text(raw)
    return text if len(text) <= MAX_ANSWER else f"{text[:MAX_ANSWER]}…"


@dataclass(frozen=True)
class OpenBody(Body):
    reference_points: tuple[Template, ...]  # either these
    rubric: tuple[CriterionSpec, ...]  # or this
    sample: Template
    type = "open"
    automatic = False
    required = frozenset({"sample"})
    optional = frozenset({"reference_points", "rubric"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        sample = scope.template(document.child("sample"))
        keys = {"reference_points", "rubric"} & set(document.value)
        if len(keys) != 1:
            raise document.error("нужно одно из двух: reference_points или rubric")
        if "rubric" in keys:
            return cls((), read_rubric(document.child("rubric"), scope), sample)
        points = scope.templates(document, "reference_points")
        if not 3 <= len(points) <= 6:
            part = document.child("reference_points")
            raise part.error("опорных фактов должно быть от 3 до 6")
        return cls(points, (), sample)

    def draw(self, values: Values, dice: Dice) -> Drawn:
        facts = enumerate(self.reference_points, start=1)
        rows = enumerate(self.rubric, start=1)
        criteria = (
            *(fact(number, point, values) for number, point in facts),
            *(row.draw(number, values) for number, row in rows),
        )
        sample = self.sample
        return Open(
            criteria, bool(self.rubric), sample.plain(values), sample.html(values)
        )
