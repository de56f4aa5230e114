"""Several numbers in one box: in order (``vector``) or in any order (``set``)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from quizsite.lib.expressions import Expression, ExpressionError, Number
from quizsite.lib.number_lists import read_numbers
from quizsite.lib.numbers import format_number
from quizsite.lib.plural import plural
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import (
    NOTHING_NEAR,
    Near,
    NearMiss,
    NearValue,
    read_near_misses,
)
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import Body, Drawn, Part, VariantError
from quizsite.quizzes.types.boxes import Box, Boxes, Verdict, echo_of
from quizsite.quizzes.types.fields import field_documents, read_label
from quizsite.quizzes.types.numeric import circumstances
from quizsite.quizzes.types.tolerance import Tolerance, read_tolerance
from quizsite.quizzes.types.usual import Circumstances, near_numbers, usual

MAX_NUMBERS = 24
Numbers = tuple[Number, ...]


def count_words(count: int) -> str:
    return f"{count} {plural(count, 'число', 'числа', 'чисел')}"


@dataclass(frozen=True)
class NumbersBox(Box):
    """What both kinds have in common; ``brackets`` as in a book."""

    values: Numbers
    tolerance: Tolerance
    near_misses: tuple[NearValue[Numbers], ...]
    about: Circumstances
    wide = True
    brackets: ClassVar[tuple[str, str]]

    @property
    def key(self) -> str:
        return self._text(self.values)

    def near_texts(self) -> list[str]:
        return [self._text(miss.value) for miss in self.near_misses]

    def _text(self, values: Numbers) -> str:
        return self._listed([self.tolerance.print_key(value) for value in values])

    def _listed(self, texts: Sequence[str]) -> str:
        before, after = self.brackets
        return f"{before}{'; '.join(texts)}{after}"

    def check(self) -> None:
        for miss in self.near_misses:
            if self.same(miss.value, self.values):
                where = f"near_misses{miss.near.slip}"
                raise VariantError(f"{where} совпадает с ключом {self.key}")

    def read(self, text: str) -> tuple[Numbers, str]:
        values = tuple(read_numbers(text))
        if len(values) > MAX_NUMBERS:
            raise ExpressionError(f"слишком много чисел: больше {MAX_NUMBERS}")
        values = self.tidy(values)
        return values, echo_of(self._listed(list(map(format_number, values))), text)

    def tidy(self, values: Numbers) -> Numbers:
        return values

    def judge(self, value: Numbers) -> Verdict:
        if self.same(value, self.values):
            return Verdict(True)
        known = (one.near for one in self.near_misses if self.same(value, one.value))
        parts, share = self.parts(value)
        near = next(known, None) or self.usual(value)
        return Verdict(False, near, parts, share=share)

    @abstractmethod
    def same(self, one: Numbers, other: Numbers) -> bool: ...

    @abstractmethod
    def parts(self, value: Numbers) -> tuple[tuple[Part, ...], float]:
        """The verdict on every number, and what the answer is worth."""

    def usual(self, value: Numbers) -> Near:
        return NOTHING_NEAR


class VectorBox(NumbersBox):
    brackets = ("(", ")")

    def same(self, one: Numbers, other: Numbers) -> bool:
        accepts = self.tolerance.accepts
        return len(one) == len(other) and all(map(accepts, one, other))

    def parts(self, value: Numbers) -> tuple[tuple[Part, ...], float]:
        if len(value) != len(self.values):
            note = f"{count_words(len(value))}, а должно быть {len(self.values)}"
            return (Part("количество", False, note),), 0.0
        right = list(map(self.tolerance.accepts, value, self.values))
        parts = tuple(
            Part(f"{place}-е число: {format_number(number)}", ok)
            for place, (number, ok) in enumerate(zip(value, right, strict=True), 1)
        )
        return parts, sum(right) / len(right)

    def usual(self, value: Numbers) -> Near:
        if self.same(tuple(sorted(value)), tuple(sorted(self.values))):
            return usual("elements-order")
        return near_numbers(value, self.values, self.tolerance.accepts, self.about)


class SetBox(NumbersBox):
    brackets = ("{", "}")

    def tidy(self, values: Numbers) -> Numbers:
        """Each number once."""
        return tuple(dict.fromkeys(values))

    def check(self) -> None:
        super().check()
        if len({self._partner(one, self.values) for one in self.values}) < len(
            self.values
        ):
            raise VariantError(f"числа множества {self.key} не различить")

    def same(self, one: Numbers, other: Numbers) -> bool:
        partners = {self._partner(number, other) for number in one}
        return partners == set(range(len(other)))

    def _partner(self, number: Number, among: Numbers) -> int | None:
        """Which of the numbers this one is: the nearest of those it is taken for."""
        near = [i for i, o in enumerate(among) if self.tolerance.accepts(number, o)]
        exact = Fraction(number)
        return min(near, key=lambda i: abs(Fraction(among[i]) - exact), default=None)

    def parts(self, value: Numbers) -> tuple[tuple[Part, ...], float]:
        """The share of numbers that were found, less that of numbers too many."""
        partners = [self._partner(number, self.values) for number in value]
        met = {partner for partner in partners if partner is not None}
        parts = tuple(
            Part(format_number(number), partner is not None)
            for number, partner in zip(value, partners, strict=True)
        )
        wrong = partners.count(None)
        share = max(0.0, (len(met) - wrong) / max(len(self.values), 1))
        missing = len(self.values) - len(met)
        if missing and not wrong:
            parts += (Part("найдены не все числа", False, f"не хватает {missing}"),)
        return parts, share


@dataclass(frozen=True)
class NumbersField:
    id: str
    label: Template | None
    answer: tuple[Expression, ...]
    behind: tuple[Expression, ...]
    tolerance: Tolerance
    near_misses: tuple[NearMiss[tuple[Expression, ...]], ...]
    unit: str

    def draw(self, values: Values, box: type[NumbersBox], rule: str) -> NumbersBox:
        try:
            key = self._evaluated(self.answer, values)
            misses = tuple(
                NearValue(self._evaluated(miss.answer, values), miss.near(values))
                for miss in self.near_misses
            )
        except ExpressionError as error:
            raise VariantError(f"ответ {self.id}: {error.message}") from error
        label, html = read_label(self.label, values)
        rule = f"{rule}; {self.tolerance.rule}"
        about = circumstances(self.behind, values, self.unit)
        return box(
            self.id, label, html, self.unit, rule, key, self.tolerance, misses, about
        )

    def _evaluated(self, answer: tuple[Expression, ...], values: Values) -> Numbers:
        numbers = tuple(one.evaluate(values) for one in answer)
        if self.tolerance.exact and any(isinstance(one, float) for one in numbers):
            raise VariantError("ключ не точен: задайте tolerance rounded или computed")
        return numbers


@dataclass(frozen=True)
class NumbersBody(Body):
    fields: tuple[NumbersField, ...]
    required = frozenset()
    optional = frozenset({"answer", "tolerance", "near_misses", "unit", "fields"})
    box: ClassVar[type[NumbersBox]]
    rule: ClassVar[str]
    least: ClassVar[int]

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        own = cls.optional - {"fields"}
        parts = field_documents(document, {"answer", "tolerance"}, set(own))
        return cls(tuple(_read_field(part, scope, cls.least) for part in parts))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        boxes = tuple(one.draw(values, self.box, self.rule) for one in self.fields)
        return Boxes(boxes)


class VectorBody(NumbersBody):
    type = "vector"
    box = VectorBox
    rule = "числа по порядку через точку с запятой, например (0,5; −1)"
    least = 2


class SetBody(NumbersBody):
    type = "set"
    box = SetBox
    rule = "все числа через точку с запятой, порядок не важен: {1; 4}; пустое — ∅"
    least = 0


def _read_field(document: Document, scope: Scope, least: int) -> NumbersField:
    def read_answer(part: Document) -> tuple[Expression, ...]:
        answer = tuple(scope.expression(one) for one in part.items())
        if not least <= len(answer) <= MAX_NUMBERS:
            raise part.error(f"чисел должно быть от {least} до {MAX_NUMBERS}")
        return answer

    answer = read_answer(document.child("answer"))
    behind = {id(one): one for part in answer for one in scope.behind(part)}
    return NumbersField(
        document.value.get("id", "") if "label" in document.value else "",
        scope.optional(document, "label"),
        answer,
        tuple(behind.values()),
        read_tolerance(document.child("tolerance")),
        read_near_misses(document, scope, read_answer),
        document.get("unit", str, ""),
    )
