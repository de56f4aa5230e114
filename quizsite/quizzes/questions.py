"""``quiz.yaml`` as questions, and questions as variants. No database here.

A variant is a pure function of the question's digest and a seed::

    quiz = load_quiz_file(path)
    variant = quiz.questions[0].variant(b"seed")
    marked = variant.mark(variant.parse("0,5"))
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from django.utils.safestring import SafeString

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.sourced_yaml import Document, read_document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.draws import read_pools
from quizsite.quizzes.misconceptions import check_tags
from quizsite.quizzes.parameters import DrawError, Parameters, Values, read_parameters
from quizsite.quizzes.rules import Pool
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types import BODIES
from quizsite.quizzes.types.base import Body, Drawn, Marked, Parsed, Raw, VariantError

PROOF_SEEDS = 60
SHUFFLES = 8
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_REQUIRED = {"id", "type", "section", "text", "explanation"}
_OPTIONAL = {"points", "params", "let", "require", "hints", "tags"}


@dataclass(frozen=True)
class Variant:
    """One question as one reader sees it."""

    question: QuestionSpec
    values: Values
    drawn: Drawn

    @cached_property
    def text(self) -> SafeString:
        return self.question.text.html(self.values)

    @cached_property
    def explanation(self) -> SafeString:
        return self.question.explanation.html(self.values)

    @property
    def hints(self) -> list[SafeString]:
        return [hint.html(self.values) for hint in self.question.hints]

    @property
    def key(self) -> Raw:
        return self.drawn.key

    def parse(self, raw: Raw) -> Parsed:
        return self.drawn.parse(raw)

    def mark(self, parsed: Parsed) -> Marked:
        return self.drawn.mark(parsed)

    def show(self, raw: Raw) -> SafeString:
        return self.drawn.show(raw)


@dataclass(frozen=True)
class QuestionSpec:
    """A question of a file, validated; ``raw`` is what the file says."""

    id: str
    type: str
    section: int
    points: float
    text: Template
    explanation: Template
    hints: tuple[Template, ...]
    tags: frozenset[str]  # what pools draw by
    parameters: Parameters
    body: Body
    raw: Mapping[str, Any]
    digest: str
    document: Document

    @property
    def automatic(self) -> bool:
        return self.body.automatic

    def variant(self, seed: bytes | int, drawn_by: str = "") -> Variant:
        """The variant of a seed; ``drawn_by``: as another version's digest drew it.

        Raises:
            VariantError: the question is unsound with these values.
        """
        if isinstance(seed, int):
            seed = seed.to_bytes(16, "big")
        dice = Dice.of(drawn_by or self.digest, seed)
        try:
            values = self.parameters.draw(dice)
            return Variant(self, values, self.body.draw(values, dice.named("body")))
        except (DrawError, ExpressionError) as error:
            raise VariantError(str(error)) from error


@dataclass(frozen=True)
class QuizSpec:
    title: str
    questions: tuple[QuestionSpec, ...]
    pools: list[Pool]
    path: Path


def load_quiz_file(path: Path, *, proofs: int = PROOF_SEEDS) -> QuizSpec:
    """Read a ``quiz.yaml`` and prove every question on so many variants.

    Raises:
        DocumentError: with file, line, field and what to do.
    """
    document = read_document(path)
    document.keys(required={"title", "questions"}, optional={"pools"})
    title = document.child("title").expect(str)
    parts = list(document.child("questions").items())
    for part in parts:
        check_tags(part)
    questions = tuple(read_question(part) for part in parts)
    seen: set[str] = set()
    for question, part in zip(questions, parts, strict=True):
        if question.id in seen:
            raise part.child("id").error(f"id «{question.id}» повторяется")
        seen.add(question.id)
        if proofs:
            prove(question, proofs)
    return QuizSpec(title, questions, read_pools(document, questions), path)


def read_question(document: Document) -> QuestionSpec:
    """One question of a file, validated but not yet proven.

    Raises:
        DocumentError: with line and field.
    """
    document.expect(dict)
    body = _body_type(document)
    required = _REQUIRED | body.required
    document.keys(required=required, optional=_OPTIONAL | body.optional)
    parameters = read_parameters(document)
    scope = parameters.scope
    return QuestionSpec(
        _read_id(document.child("id")),
        body.type,
        _read_section(document.child("section")),
        _read_points(document),
        scope.template(document.child("text")),
        scope.template(document.child("explanation")),
        scope.templates(document, "hints"),
        _read_tags(document),
        parameters,
        body.read(document, scope),
        document.value,
        digest_of(document.value),
        document,
    )


def _body_type(document: Document) -> type[Body]:
    if "type" not in document.value:
        raise document.error("нет обязательного поля «type»")
    name = document.child("type").expect(str)
    if name not in BODIES:
        known = ", ".join(BODIES)
        raise document.child("type").error(f"нет типа «{name}»; есть {known}")
    return BODIES[name]


def _read_id(document: Document) -> str:
    name: str = document.expect(str)
    if not _ID.fullmatch(name) or len(name) > 50:
        raise document.error("id — строчные латинские буквы, цифры и дефисы, до 50")
    return name


def _read_section(document: Document) -> int:
    number: int = document.expect(int)
    if number < 1:
        raise document.error("номер раздела начинается с 1")
    return number


def _read_tags(document: Document) -> frozenset[str]:
    """The author's tags, and the section as one more."""
    tags = {f"section-{document.value['section']}"}
    if "tags" in document.value:
        for part in document.child("tags").items():
            name = part.expect(str)
            if not _ID.fullmatch(name) or name.startswith("section-"):
                raise part.error("метка — строчные латинские буквы, цифры и дефисы")
            tags.add(name)
    return frozenset(tags)


def _read_points(document: Document) -> float:
    points = document.get("points", (int, float), 1)
    if not 0 < points <= 100:
        raise document.child("points").error("баллы — больше 0 и не больше 100")
    return float(points)


def digest_of(raw: Mapping[str, Any]) -> str:
    """What tells one version of a question from another."""
    text = json.dumps(raw, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


# --- proof ------------------------------------------------------------


def prove(question: QuestionSpec, seeds: int = PROOF_SEEDS) -> None:
    """Draw variants: each key parses and is right, each distractor is wrong.

    Raises:
        DocumentError: naming the question and what is unsound.
    """
    if not question.parameters.choices:
        seeds = min(seeds, SHUFFLES)  # nothing else differs
    for seed in range(seeds):
        try:
            fault = fault_of(question.variant(seed))
        except (VariantError, ExpressionError) as error:
            fault = str(error)
        if fault:
            where = f"вопрос «{question.id}», вариант {seed}"
            raise question.document.error(f"{where}: {fault}")


def fault_of(variant: Variant) -> str:
    """What is unsound about a variant; nothing if it is sound."""
    variant.drawn.check()
    parsed = variant.parse(variant.key)
    if not parsed.ok or parsed.blank:
        return f"ключ {variant.key!r} не читается: {dict(parsed.errors)}"
    _ = variant.text, variant.explanation, variant.hints, variant.show(variant.key)
    if not variant.question.automatic:
        return ""
    if variant.mark(parsed).mark != 1:
        return f"ключ {variant.key!r} не засчитан"
    for raw in variant.drawn.wrong_answers():
        wrong = variant.parse(raw)
        if not wrong.ok:
            return f"неверный ответ {raw!r} не читается: {dict(wrong.errors)}"
        if variant.mark(wrong).mark == 1:
            return f"неверный ответ {raw!r} засчитан (ключ {variant.key!r})"
    return ""
