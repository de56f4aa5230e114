"""A word or a short phrase; what does not change its meaning does not count.

Case, ё, dashes, quotes, spaces, punctuation at the end, and Latin letters for Cyrillic
ones that look the same are all put aside. One slip of the finger in a long word is
let pass and told, unless the author says ``exact`` or foresaw the word as a near miss.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.sourced_yaml import Document
from quizsite.lib.typed import LOOK_ALIKES
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import NearMiss, NearValue, read_near_misses
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import Body, Drawn, Part, VariantError
from quizsite.quizzes.types.boxes import Box, Boxes, Verdict
from quizsite.quizzes.types.fields import field_documents, read_label

MAX_TEXT = 200
LONG_WORD = 6  # letters; in a shorter one a letter makes another word
_QUOTES = re.compile("[«»\"'“”„‘’`]")
_GAPS = re.compile(r"[\s\-\u2010-\u2015\u2212_]+")
_TAIL = " .,;:!?…"
_SAME_LOOK = str.maketrans({a.lower(): b.lower() for a, b in LOOK_ALIKES.items()})


def normalised(text: str) -> str:
    """What two ways of writing one answer have in common."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    plain = _GAPS.sub(" ", _QUOTES.sub("", plain))
    return plain.strip(_TAIL).translate(_SAME_LOOK)


def one_slip_apart(one: str, other: str) -> bool:
    """One letter changed, left out, added, or two neighbours swapped; digits count."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = _common(one, other)
    first, second = one[start:], other[start:]
    tail = _common(first[::-1], second[::-1])
    first, second = first[: len(first) - tail], second[: len(second) - tail]
    swapped = len(first) == 2 and first == second[::-1]
    letters = all(map(str.isalpha, first + second))
    return letters and (swapped or max(len(first), len(second)) <= 1)


def _common(one: str, other: str) -> int:
    """How many characters they begin with together."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


@dataclass(frozen=True)
class TextBox(Box):
    accepted: tuple[str, ...]  # as the author wrote them
    near_misses: tuple[NearValue[str], ...]
    exact: bool
    wide = True

    @property
    def key(self) -> str:
        return self.accepted[0]

    def near_texts(self) -> list[str]:
        return [miss.value for miss in self.near_misses]

    def check(self) -> None:
        right = {normalised(text) for text in self.accepted}
        for miss in self.near_misses:
            if normalised(miss.value) in right:
                where = f"near_misses{miss.near.slip}"
                raise VariantError(f"{where}: «{miss.value}» — верный ответ")

    def read(self, text: str) -> tuple[str, str]:
        if len(text) > MAX_TEXT:
            raise ExpressionError(f"слишком длинно: больше {MAX_TEXT} знаков", MAX_TEXT)
        plain = normalised(text)
        if not plain:
            raise ExpressionError("нужны буквы или цифры")
        return plain, ""

    def judge(self, value: str) -> Verdict:
        if value in map(normalised, self.accepted):
            return Verdict(True)
        for miss in self.near_misses:
            if value == normalised(miss.value):
                return Verdict(False, miss.near)
        meant = None if self.exact else self._meant(value)
        if meant is None:
            return Verdict(False)
        told = Part("опечатка", True, f"засчитано как «{meant}»")
        return Verdict(True, parts=(told,))

    def _meant(self, value: str) -> str | None:
        """The accepted form that differs by one slip of the finger."""
        for text in self.accepted:
            plain = normalised(text)
            if len(plain) >= LONG_WORD and one_slip_apart(value, plain):
                return text
        return None


@dataclass(frozen=True)
class TextField:
    id: str
    label: Template | None
    accepted: tuple[Template, ...]
    near_misses: tuple[NearMiss[tuple[Template, ...]], ...]
    exact: bool

    def draw(self, values: Values) -> TextBox:
        accepted = tuple(one.plain(values).strip() for one in self.accepted)
        misses = tuple(
            NearValue(form.plain(values).strip(), miss.near(values))
            for miss in self.near_misses
            for form in miss.answer
        )
        label, html = read_label(self.label, values)
        rule = "слово или короткая фраза; регистр, ё, кавычки и дефисы не важны"
        if self.exact:
            rule += "; без опечаток"
        return TextBox(self.id, label, html, "", rule, accepted, misses, self.exact)


@dataclass(frozen=True)
class TextBody(Body):
    fields: tuple[TextField, ...]
    type = "text"
    required = frozenset()
    optional = frozenset({"accepted", "near_misses", "exact", "fields"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        own = cls.optional - {"fields"}
        parts = field_documents(document, {"accepted"}, set(own))
        return cls(tuple(_read_field(part, scope) for part in parts))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        return Boxes(tuple(one.draw(values) for one in self.fields))


def _read_field(document: Document, scope: Scope) -> TextField:
    def read_forms(part: Document) -> tuple[Template, ...]:
        parts = part.items() if isinstance(part.value, list) else [part]
        return tuple(_read_form(one, scope) for one in parts)

    accepted = document.child("accepted")
    accepted.expect(list)
    if not accepted.value:
        raise accepted.error("нужна хотя бы одна верная форма")
    return TextField(
        document.value.get("id", "") if "label" in document.value else "",
        scope.optional(document, "label"),
        read_forms(accepted),
        read_near_misses(document, scope, read_forms),
        document.get("exact", bool, False),
    )


def _read_form(document: Document, scope: Scope) -> Template:
    form = scope.template(document, "prose")
    if len(form.source) > MAX_TEXT or not normalised(form.source):
        raise document.error(f"нужны буквы или цифры, не больше {MAX_TEXT} знаков")
    return form
