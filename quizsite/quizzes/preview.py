"""Question files as a reader would see them, for whoever is writing them.

The files are read anew, past the database: what is shown is what was just saved.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.markup import render_markdown
from quizsite.lib.sourced_yaml import DocumentError, read_document
from quizsite.quizzes.questions import QuestionSpec, Variant, read_question
from quizsite.quizzes.soundness import Finding, check_file
from quizsite.quizzes.types.base import BLANK, Raw, VariantError
from quizsite.quizzes.types.boxes import Boxes

QUICK = 20  # variants: an author waits for the page
MOST = 9999  # the last variant that can be asked for


@dataclass(frozen=True)
class Wrong:
    """A wrong answer that is foreseen, and what its author is told."""

    answer: SafeString
    hints: list[SafeString]


@dataclass(frozen=True)
class Question:
    """One question in one variant, with everything that a reader learns only later."""

    number: int
    spec: QuestionSpec
    variant: Variant

    @property
    def name(self) -> str:
        return f"preview-{self.number}"

    @property
    def control(self) -> Any:
        return self.variant.drawn.controls(None, BLANK)

    @property
    def template(self) -> str:
        boxes = isinstance(self.variant.drawn, Boxes)
        return f"quizzes/types/{'boxes' if boxes else self.spec.type}.html"

    @property
    def key(self) -> SafeString:
        return self.variant.show(self.variant.key)

    @property
    def wrong(self) -> list[Wrong]:
        return [self._wrong(raw) for raw in self.variant.drawn.wrong_answers()]

    def _wrong(self, raw: Raw) -> Wrong:
        marked = self.variant.mark(self.variant.parse(raw))
        return Wrong(self.variant.show(raw), [render_markdown(h) for h in marked.hints])


@dataclass(frozen=True)
class Preview:
    """A file: its questions that can be drawn, and what is wrong with the rest."""

    folder: str
    number: int  # of the variant
    stamp: str
    title: str
    questions: tuple[Question, ...]
    findings: tuple[Finding, ...]

    @property
    def another(self) -> int:
        return (self.number + 1) % (MOST + 1)


def stamp_of(path: Path) -> str:
    """Changes when the file does."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def preview(path: Path, number: int) -> Preview:
    """The variant of that number of every question of a file; never raises."""
    stamp = stamp_of(path)
    findings = _findings(path, stamp)
    try:
        document = read_document(path)
        title = str(document.value.get("title", ""))
        parts = list(document.child("questions").items())
    except (DocumentError, AttributeError, KeyError):  # told among the findings
        title, parts = path.parent.name, []
    questions = []
    for place, part in enumerate(parts, start=1):
        try:
            spec = read_question(part)
            questions.append(Question(place, spec, spec.variant(number)))
        except (DocumentError, VariantError, ExpressionError):
            continue  # told among the findings
    return Preview(path.parent.name, number, stamp, title, tuple(questions), findings)


@lru_cache(maxsize=64)
def _findings(path: Path, stamp: str) -> tuple[Finding, ...]:
    return check_file(path, QUICK).findings
