"""Is a question sound? Proven on many variants, not read off its text.

``load_book`` refuses what is malformed. This asks more, and slower: every key is
right and every distractor wrong in each of many variants; no variant is degenerate or
a copy of the others; no two near misses give one answer two hints; the text does not
show the answer; and there is an explanation and a hint for whoever needs one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from html import unescape
from pathlib import Path
from typing import Any

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.sourced_yaml import Document, DocumentError, read_document
from quizsite.quizzes.loading import FILE_NAME
from quizsite.quizzes.misconceptions import check_tags
from quizsite.quizzes.questions import (
    SHUFFLES,
    QuestionSpec,
    Variant,
    fault_of,
    read_question,
)
from quizsite.quizzes.types.base import Raw, VariantError
from quizsite.quizzes.types.boxes import Box, Boxes

VARIANTS = 200
FEWEST, FEWEST_OF = 6, 60  # different variants among so many
FEWEST_WORDS = 8  # of an explanation
SHOWN_DIGITS, SHOWN_SHARE = 4, 0.05  # a long number is seldom there by chance
_TAGS = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to mend (``error``) or to think about (``warning``)."""

    severity: str
    where: str  # file:line
    question: str
    message: str  # Russian, for the author

    def __str__(self) -> str:
        mark = "✗" if self.severity == "error" else "!"
        return f"{mark} {self.where}: {self.question}: {self.message}"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was found about the questions of one file."""

    path: Path
    questions: int
    variants: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not any(one.severity == "error" for one in self.findings)


def quiz_files(directory: Path) -> dict[str, Path]:
    """Every quiz by the name of its folder, in the order of the book."""
    paths = sorted(directory.glob(f"*/{FILE_NAME}"))
    return {path.parent.name: path for path in paths}


def check_file(path: Path, variants: int = VARIANTS) -> Soundness:
    """Everything that is wrong in a ``quiz.yaml``, not only the first fault."""
    findings: list[Finding] = []
    questions: list[QuestionSpec] = []
    for document in _parts(path, findings):
        try:
            questions.append(read_question(document))
            check_tags(document)
        except DocumentError as error:
            findings.append(_of_document(error))
    findings += _repeated(questions)
    drawn = 0
    for question in questions:
        made = list(_drawn(question, variants, findings))
        drawn += len(made)
        findings += [_finding(question, *one) for one in _doubts(question, made)]
    return Soundness(path, len(questions), drawn, tuple(findings))


def _parts(path: Path, findings: list[Finding]) -> list[Document]:
    try:
        document = read_document(path)
        document.keys(required={"title", "questions"}, optional={"pools"})
        document.child("title").expect(str)
        return list(document.child("questions").items())
    except DocumentError as error:
        findings.append(_of_document(error))
        return []


def _of_document(error: DocumentError) -> Finding:
    where = f"{error.path}:{error.line}"
    return Finding("error", where, error.field, error.message)


def _finding(question: QuestionSpec, severity: str, message: str) -> Finding:
    document = question.document
    where = f"{document.path}:{document.line}"
    return Finding(severity, where, question.id, message)


def _repeated(questions: Iterable[QuestionSpec]) -> Iterator[Finding]:
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            yield _finding(question, "error", "id повторяется в этом файле")
        seen.add(question.id)


def _drawn(
    question: QuestionSpec, count: int, findings: list[Finding]
) -> Iterator[Variant]:
    """Its variants; the first unsound one is told and ends them."""
    if not question.parameters.choices:
        count = min(count, SHUFFLES)
    for seed in range(count):
        try:
            variant = question.variant(seed)
            fault = fault_of(variant)
        except (VariantError, ExpressionError) as error:
            fault = str(error)
        if fault:
            message = f"вариант {seed}: {fault}"
            findings.append(_finding(question, "error", message))
            return
        yield variant


Doubt = tuple[str, str]  # severity, message


def _doubts(question: QuestionSpec, made: list[Variant]) -> Iterator[Doubt]:
    yield from _untold(question)
    yield from _too_alike(question, made)
    yield from _unexplained(question, made)
    yield from _ambiguous(made)
    yield from _given_away(made)


def _untold(question: QuestionSpec) -> Iterator[Doubt]:
    if not question.hints and question.automatic:
        yield "warning", "нет подсказки (hints)"
    words = str(question.raw["explanation"]).split()
    if len(words) < FEWEST_WORDS:
        yield "warning", "объяснение из нескольких слов: расскажите, почему так"


def _too_alike(question: QuestionSpec, made: list[Variant]) -> Iterator[Doubt]:
    """Parameters that hardly change anything; a formula is its own variety."""
    if not question.parameters.choices or len(made) < FEWEST_OF:
        return
    if question.type == "formula":
        return
    different = len({(str(one.text), repr(one.key)) for one in made})
    if different < FEWEST:
        yield (
            "warning",
            f"разных вариантов только {different}: параметры почти не влияют",
        )
    [(_, most)] = Counter(repr(one.key) for one in made).most_common(1)
    if isinstance(made[0].drawn, Boxes) and most > len(made) / 2:
        share = round(100 * most / len(made))
        yield "warning", f"один и тот же ответ у {share} % вариантов: его угадают"


def _unexplained(question: QuestionSpec, made: list[Variant]) -> Iterator[Doubt]:
    """Distractors after which the reader is told nothing."""
    silent = {
        _short(raw)
        for variant in made[:SHUFFLES]
        for raw in variant.drawn.wrong_answers()
        if _says_nothing(variant, raw)
    }
    if silent and question.type != "ordering":
        shown = ", ".join(sorted(silent)[:3])
        yield "warning", f"после неверного ответа ничего не сказано: {shown}"


def _says_nothing(variant: Variant, raw: Raw) -> bool:
    marked = variant.mark(variant.parse(raw))
    return not marked.hints and not marked.parts


def _ambiguous(made: list[Variant]) -> Iterator[Doubt]:
    """A near miss that gets the hint of an earlier one."""
    for variant, box in _boxes(made):
        misses = getattr(box, "near_misses", ())
        for miss, text in zip(misses, box.near_texts(), strict=True):
            value, _ = box.read(text)
            if box.judge(value).hint != miss.hint:
                shown = f"{text} (при {_values(variant)})"
                yield "error", f"два near_misses дают один ответ: {shown}"
                return


def _boxes(made: list[Variant]) -> Iterator[tuple[Variant, Box]]:
    for variant in made:
        if isinstance(variant.drawn, Boxes):
            yield from ((variant, box) for box in variant.drawn.boxes)


def _values(variant: Variant) -> str:
    return ", ".join(f"{name}={value}" for name, value in variant.values.items())[:80]


def _given_away(made: list[Variant]) -> Iterator[Doubt]:
    """A long number that is both the answer and in the text, too often for chance."""
    keys = [
        (box.key, variant)
        for variant, box in _boxes(made)
        if sum(map(str.isdigit, box.key)) >= SHOWN_DIGITS
    ]
    shown = sum(_stands(key, variant) for key, variant in keys)
    if shown > SHOWN_SHARE * len(keys):
        yield "warning", "ответ виден в тексте вопроса"


def _stands(key: str, variant: Variant) -> bool:
    """Whether the number is there, not as a part of a longer one."""
    text = unescape(_TAGS.sub(" ", str(variant.text))).replace("{,}", ",")
    plain = key.replace("\N{MINUS SIGN}", "-")
    return re.search(rf"(?<![\d,]){re.escape(plain)}(?![\d,])", text) is not None


def _short(raw: Raw) -> str:
    text = "; ".join(map(str, raw.values())) if isinstance(raw, dict) else str(raw)
    return text[:40]
