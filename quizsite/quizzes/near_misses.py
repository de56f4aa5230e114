"""Near misses that an author foresaw: an answer, what it confuses, and its tag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Near:
    """What was confused: a hint in Markdown, its place in the file, its tag."""

    hint: str = ""
    slip: str = ""
    tag: str = ""

    def __bool__(self) -> bool:
        return bool(self.slip)


NOTHING_NEAR = Near()


@dataclass(frozen=True)
class NearMiss(Generic[Answer]):
    """A wrong answer as the file gives it."""

    answer: Answer
    hint: Template
    tag: str
    slip: str

    def near(self, values: Values) -> Near:
        return Near(self.hint.plain(values), self.slip, self.tag)


def read_near_misses(
    document: Document, scope: Scope, read_answer: Callable[[Document], Answer]
) -> tuple[NearMiss[Answer], ...]:
    """``near_misses`` of a question or of one of its fields; empty if there are none.

    Raises:
        DocumentError: with line and field.
    """
    if "near_misses" not in document.value:
        return ()
    field = document.value.get("id", "") if "label" in document.value else ""
    return tuple(
        _read(part, scope, read_answer, f"{field}#{number}")
        for number, part in enumerate(document.child("near_misses").items())
    )


def _read(
    document: Document,
    scope: Scope,
    read_answer: Callable[[Document], Answer],
    slip: str,
) -> NearMiss[Answer]:
    document.keys(required={"answer", "hint"}, optional={"tag"})
    return NearMiss(
        read_answer(document.child("answer")),
        scope.template(document.child("hint")),
        document.get("tag", str, ""),
        slip,
    )


@dataclass(frozen=True)
class NearValue(Generic[Answer]):
    """A near miss of one variant, its answer computed."""

    value: Answer
    near: Near

    @property
    def hint(self) -> str:
        return self.near.hint
