"""One text box or several, each with a key: shared by numbers and shapes."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.typed import look_alikes_in
from quizsite.quizzes.near_misses import NOTHING_NEAR, Near
from quizsite.quizzes.types.base import (
    BLANK,
    Drawn,
    Marked,
    Parsed,
    Part,
    Raw,
    as_dict,
    as_text,
    unique,
)

WINDOW = 48  # characters of an answer around an error
UNDECIDED = (
    "Сравнить эту запись с верной автоматически не удалось. В балл вопрос не входит; "
    "ответ увидит автор вопроса."
)


@dataclass(frozen=True)
class Verdict:
    """On one box: right or not, what was confused, its parts.

    ``share`` is what a box that is not quite right is worth.
    """

    ok: bool
    near: Near = NOTHING_NEAR
    parts: tuple[Part, ...] = ()
    note: str = ""
    share: float = 0.0
    undecided: bool = False

    @property
    def hint(self) -> str:
        return self.near.hint

    @property
    def worth(self) -> float:
        return 1.0 if self.ok else self.share


@dataclass(frozen=True)
class Box(ABC):
    """A text box of a variant."""

    id: str  # "" when it is the only one
    label: str  # Markdown
    label_html: SafeString
    unit: str

    rule: str
    wide = False

    @property
    def suffix(self) -> str:
        """Of its name in the form."""
        return f"-{self.id}" if self.id else ""

    @property
    @abstractmethod
    def key(self) -> str: ...

    @abstractmethod
    def read(self, text: str) -> tuple[Any, str]:
        """The value and its echo.

        Raises:
            ExpressionError: the text is malformed.
        """

    @abstractmethod
    def judge(self, value: Any) -> Verdict: ...

    @abstractmethod
    def near_texts(self) -> list[str]:
        """The near misses, as a reader would write them."""

    def check(self) -> None:  # noqa: B027
        """See ``Drawn.check``."""

    def shown(self, text: str) -> SafeString:
        unit = f"\u00a0{self.unit}" if self.unit else ""
        return format_html("<span class='answer-text'>{}</span>{}", text.strip(), unit)


@dataclass(frozen=True)
class Control:
    box: Box
    value: str
    error: str
    echo: str


@dataclass(frozen=True)
class Boxes(Drawn):
    boxes: tuple[Box, ...]

    @property
    def single(self) -> bool:
        return self.boxes[0].id == ""

    @property
    def field_ids(self) -> list[str]:
        return [] if self.single else [box.id for box in self.boxes]

    @property
    def error_fields(self) -> list[str]:
        return [box.id for box in self.boxes]

    @property
    def key(self) -> Raw:
        return self._raw({box.id: box.key for box in self.boxes})

    def check(self) -> None:
        for box in self.boxes:
            box.check()

    def _raw(self, texts: dict[str, str]) -> Raw:
        return texts[""] if self.single else texts

    def texts(self, raw: Raw) -> dict[str, str]:
        """What was typed, by box, blank boxes left out."""
        if self.single:
            return {"": as_text(raw)} if as_text(raw).strip() else {}
        return as_dict(raw, self.field_ids)

    def parse(self, raw: Raw) -> Parsed:
        texts = self.texts(raw)
        if not texts:
            return Parsed(errors={"": "нужен текст"}) if _strange(raw) else BLANK
        values: dict[str, Any] = {}
        errors: dict[str, str] = {}
        echo: dict[str, str] = {}
        for box in self.boxes:
            if box.id in texts:
                _read_box(box, texts[box.id], values, errors, echo)
        complete = len(texts) == len(self.boxes)
        return Parsed(values, errors, echo, complete=complete)

    def mark(self, parsed: Parsed) -> Marked:
        values = parsed.value or {}
        verdicts = {b.id: b.judge(values[b.id]) for b in self.boxes if b.id in values}
        worth = sum(verdict.worth for verdict in verdicts.values())
        undecided = any(verdict.undecided for verdict in verdicts.values())
        near = [verdict.near for verdict in verdicts.values()]
        hints = [one.hint for one in near] + [UNDECIDED] * undecided
        return Marked(
            None if undecided else worth / len(self.boxes),
            unique(hints),
            self._parts(verdicts, parsed),
            unique([one.slip for one in near]),
            unique([one.tag for one in near]),
            undecided,
        )

    def _parts(self, verdicts: dict[str, Verdict], parsed: Parsed) -> tuple[Part, ...]:
        if self.single:
            return verdicts[""].parts if verdicts else ()
        parts: list[Part] = []
        for box in self.boxes:
            missing = "не прочитано" if box.id in parsed.errors else "нет ответа"
            verdict = verdicts.get(box.id, Verdict(False, note=missing))
            parts.append(Part(box.label, verdict.ok, verdict.note))
            if not verdict.note:
                parts += [replace(part, inner=True) for part in verdict.parts]
        return tuple(parts)

    def show(self, raw: Raw) -> SafeString:
        texts = self.texts(raw)
        if self.single:
            return self.boxes[0].shown(texts.get("", ""))
        rows = ((b.label_html, b.shown(texts.get(b.id, "—"))) for b in self.boxes)
        items = format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows)
        return format_html("<dl class='answer-fields'>{}</dl>", items)

    def controls(self, raw: Raw, parsed: Parsed) -> list[Control]:
        typed = {"": as_text(raw)} if self.single else raw
        texts = typed if isinstance(typed, dict) else {}
        return [
            Control(
                box,
                str(texts.get(box.id) or ""),
                parsed.errors.get(box.id, ""),
                parsed.echo.get(box.id, ""),
            )
            for box in self.boxes
        ]

    def wrong_answers(self) -> list[Raw]:
        right = {box.id: box.key for box in self.boxes}
        return [
            self._raw({**right, box.id: text})
            for box in self.boxes
            for text in box.near_texts()
        ]


def _strange(raw: Raw) -> bool:
    """Something was sent, but not what a form of this question sends."""
    if isinstance(raw, dict):
        return any(not isinstance(text, str) or text.strip() for text in raw.values())
    return bool(raw.strip()) if isinstance(raw, str) else bool(raw)


def _read_box(
    box: Box,
    text: str,
    values: dict[str, Any],
    errors: dict[str, str],
    echo: dict[str, str],
) -> None:
    try:
        values[box.id], echo[box.id] = box.read(text)
    except ExpressionError as error:
        errors[box.id] = describe(error, text)


def echo_of(understood: str, typed: str) -> str:
    """How an answer was read, and which letters were taken for others."""
    repaired = look_alikes_in(typed)
    return f"{understood} ({repaired})" if repaired else understood


def describe(error: ExpressionError, text: str) -> str:
    """The error in a sentence, and below it what was typed, with ``^`` at the place."""
    message = error.message[:1].upper() + error.message[1:]
    if len(text.strip()) < 2 or error.offset >= len(text):
        return f"{message}."
    where = f"знак {error.offset + 1}, у «{text[error.offset :][:8].strip()}»"
    return f"{message} — {where}.\n{_pointed_at(text, error.offset)}"


def _pointed_at(text: str, offset: int) -> str:
    begin = max(0, min(offset - WINDOW // 2, len(text) - WINDOW))
    line = re.sub(r"\s", " ", text[begin : begin + WINDOW])
    return f"{line}\n{' ' * (offset - begin)}^"
