"""The questions under test, drawn and marked by the site's own engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from quizsite.quizzes.questions import QuestionSpec, Variant, load_quiz_file
from quizsite.quizzes.types.base import Marked, Raw

CHAPTERS = Path(__file__).parents[2] / "fixtures/chapters"
QUIZZES = sorted(CHAPTERS.glob("*/quiz.yaml"))
SEEDS = int(os.environ.get("QUIZ_SEEDS", "40"))  # more of them before a release
SHUFFLES = 40  # enough where only an order is drawn


@cache
def questions() -> dict[str, QuestionSpec]:
    """All questions by id; the proofs are made in test_every_variant instead."""
    quizzes = [load_quiz_file(path, proofs=0) for path in QUIZZES]
    return {one.id: one for quiz in quizzes for one in quiz.questions}


@dataclass(frozen=True)
class Drawn:
    """One variant of a question; its repr is what a failing test shows."""

    variant: Variant
    seed: int

    def __repr__(self) -> str:
        return f"<{self.variant.question.id}, seed {self.seed}: {self.variant.values}>"

    def __getitem__(self, name: str) -> Any:
        return self.variant.values[name]

    @property
    def code(self) -> str:
        return self.variant.drawn.code  # type: ignore[attr-defined, no-any-return]

    def box(self, name: str = "") -> Any:
        boxes = self.variant.drawn.boxes  # type: ignore[attr-defined]
        return next(box for box in boxes if box.id == name)

    def options(self) -> dict[str, bool]:
        """The options' HTML, and whether each is right."""
        choices = self.variant.drawn.choices  # type: ignore[attr-defined]
        return {str(one.html): one.correct for one in choices}

    def mark(self, raw: Raw) -> Marked:
        parsed = self.variant.parse(raw)
        assert parsed.state == "answered", (self, raw, parsed)
        return self.variant.mark(parsed)


def variants(question_id: str, count: int = SEEDS) -> Iterator[Drawn]:
    question = questions()[question_id]
    if not question.parameters.choices:
        count = min(count, SHUFFLES)
    for seed in range(count):
        yield Drawn(question.variant(seed), seed)


def in_every_variant_of(
    question_id: str, count: int = SEEDS
) -> Callable[[Callable[[Drawn], None]], Callable[[], None]]:
    """Turn a check of one variant into a test of many, without many test items."""

    def decorate(check: Callable[[Drawn], None]) -> Callable[[], None]:
        def test() -> None:
            for drawn in variants(question_id, count):
                check(drawn)

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        return test

    return decorate


def assert_right(drawn: Drawn, raw: Raw) -> None:
    """A reader's own (independently found) answer is right."""
    assert drawn.mark(raw).mark == 1, (drawn, raw, drawn.variant.key)


def right_options(drawn: Drawn) -> list[str]:
    return [text for text, correct in drawn.options().items() if correct]


def shape_of(drawn: Drawn, field: str, sizes: Mapping[str, int]) -> tuple[Any, ...]:
    """The key of a symbolic shape for given sizes."""
    return tuple(axis.evaluate(sizes) for axis in drawn.box(field).axes)
