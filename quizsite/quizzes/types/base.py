"""What every question type knows: reading its file, variants, parsing, marking.

A *body* is a question's validated part of the file. From the parameters' values and
named dice it draws a :class:`Drawn`: the one variant that a reader sees. Parsing is
apart from marking, so a slip of the pen is told at once and costs nothing. When a
mark is given, how often one may try and at what price is not known here: that is a
*behaviour*.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from django.utils.safestring import SafeString

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import Near
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope

# As a form or the API gives it: a text, a list of ids, or texts by field id.
Raw = str | list[str] | dict[str, str] | None

MAX_ANSWER = 20_000  # characters, in all fields together
MAX_FIELDS = 100


class VariantError(ValueError):
    """A question cannot be drawn with some values; says why, in Russian."""


class TooLong(ValueError):
    """An answer that is not even stored."""


@dataclass(frozen=True)
class Parsed:
    """An answer as understood; ``errors`` and ``echo`` go by field id ("" = the one).

    ``value`` holds what could be read even when some fields could not.
    """

    value: Any = None
    errors: Mapping[str, str] = field(default_factory=dict)
    echo: Mapping[str, str] = field(default_factory=dict)
    blank: bool = False
    complete: bool = True

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def state(self) -> str:
        """``blank``, ``malformed``, ``incomplete`` or ``answered``."""
        if self.blank:
            return "blank"
        if self.errors:
            return "malformed"
        return "answered" if self.complete else "incomplete"


BLANK = Parsed(blank=True, complete=False)


@dataclass(frozen=True)
class Part:
    """The verdict on one part of an answer: a field, an axis of its shape, a pair."""

    label: str
    ok: bool
    note: str = ""
    inner: bool = False  # a part of the part before it

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Marked:
    """The mark 0…1 (None: not marked by machine) and what is said about it.

    ``hints`` are Markdown; ``slips`` name the places of the question's file that were
    chosen or equalled, for its statistics; ``tags`` name what was misunderstood, in
    the words of the vocabulary that questions and exercises share. ``undecided``: no
    machine could tell whether the answer is right; it is not counted, and the
    question's author is to look at it.
    """

    mark: float | None
    hints: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    slips: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    undecided: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "hints": list(self.hints),
            "parts": [part.as_json() for part in self.parts],
            "slips": list(self.slips),
            "tags": list(self.tags),
            **({"undecided": True} if self.undecided else {}),
        }


def unique(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def marked_near(near: Near) -> Marked:
    """Nothing for the answer, but what it confuses."""
    return Marked(
        0.0, unique([near.hint]), slips=unique([near.slip]), tags=unique([near.tag])
    )


class Drawn(ABC):
    """One variant: what is shown, how an answer is read, what it is worth."""

    many: ClassVar[bool] = False  # when Raw is a list

    @property
    def field_ids(self) -> Sequence[str]:
        """The fields of an answer that is a dict; none for a text or a list."""
        return ()

    @property
    def error_fields(self) -> Sequence[str]:
        """The fields that have a place of their own for an error."""
        return ()

    @property
    @abstractmethod
    def key(self) -> Raw:
        """An answer that is right, as a reader would give it."""

    @abstractmethod
    def parse(self, raw: Raw) -> Parsed:
        """Read a raw answer; never raises, whatever it is given."""

    @abstractmethod
    def mark(self, parsed: Parsed) -> Marked:
        """What the answer is worth; what could not be read is worth nothing."""

    @abstractmethod
    def show(self, raw: Raw) -> SafeString:
        """An answer, the reader's or the key, as HTML for the review."""

    @abstractmethod
    def controls(self, raw: Raw, parsed: Parsed) -> Any:
        """What the type's template draws."""

    def check(self) -> None:  # noqa: B027
        """What is too slow to be asked of every variant that a reader opens.

        Raises:
            VariantError: the variant is unsound.
        """

    def wrong_answers(self) -> list[Raw]:
        """Answers that must not count as right: distractors and near misses."""
        return []


class Body(ABC):
    """A question's part of the file, validated."""

    type: ClassVar[str]
    required: ClassVar[frozenset[str]]
    optional: ClassVar[frozenset[str]] = frozenset()
    automatic: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        """Raises:
        DocumentError: with file, line and field.
        """

    @abstractmethod
    def draw(self, values: Values, dice: Dice) -> Drawn:
        """Raises:
        VariantError: these values make no sound question.
        """


def as_text(raw: Raw) -> str:
    return raw if isinstance(raw, str) else ""


def as_list(raw: Raw) -> list[str]:
    return [one for one in raw if isinstance(one, str)] if isinstance(raw, list) else []


def as_dict(raw: Raw, fields: Sequence[str]) -> dict[str, str]:
    """The known fields of a raw answer, blank ones left out."""
    if not isinstance(raw, dict):
        return {}
    given = ((name, raw.get(name)) for name in fields)
    return {n: text for n, text in given if isinstance(text, str) and text.strip()}


def storable(raw: object) -> Raw:
    """What was sent, as far as it is an answer and a database can keep it.

    Raises:
        TooLong: it is longer than anybody writes.
    """
    if isinstance(raw, dict):
        items = list(raw.items())[:MAX_FIELDS]
        return _sized({_clean(name): _clean(text) for name, text in items})
    if isinstance(raw, list):
        return _sized([_clean(one) for one in raw[:MAX_FIELDS]])
    return None if raw is None else _sized(_clean(raw))


def _clean(value: object) -> str:
    """A text without what PostgreSQL or UTF-8 refuse; a number is taken as typed."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode(errors="ignore").decode()


def _sized(raw: Raw) -> Raw:
    parts = list(raw.values()) if isinstance(raw, dict) else list(raw or ())
    size = sum(map(len, parts))
    if size > MAX_ANSWER:
        raise TooLong(
            f"Ответ слишком длинный: {size} знаков, а можно не больше {MAX_ANSWER}. "
            "Сократите его; прежний сохранённый ответ остался без изменений."
        )
    return raw
