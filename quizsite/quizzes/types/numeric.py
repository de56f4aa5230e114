"""A number, or several: exact, rounded or computed."""

from __future__ import annotations

from dataclasses import dataclass

from quizsite.lib.expressions import Expression, ExpressionError, Number
from quizsite.lib.numbers import format_number, read_number
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import Body, Drawn, VariantError
from quizsite.quizzes.types.boxes import Box, Boxes, Verdict
from quizsite.quizzes.types.fields import field_documents, read_label
from quizsite.quizzes.types.tolerance import Tolerance, read_tolerance


@dataclass(frozen=True)
class NearMiss:
    value: Number
    hint: str
    slip: str


@dataclass(frozen=True)
class NumberBox(Box):
    value: Number
    tolerance: Tolerance
    near_misses: tuple[NearMiss, ...]

    @property
    def key(self) -> str:
        return self.tolerance.print_key(self.value)

    def read(self, text: str) -> tuple[Number, str]:
        number = text.strip()
        if self.unit and number.endswith(self.unit):
            number = number[: -len(self.unit)]
        value = read_number(number)
        return value, format_number(value)

    def judge(self, value: Number) -> Verdict:
        if self.tolerance.accepts(value, self.value):
            return Verdict(True)
        for miss in self.near_misses:
            if self.tolerance.accepts(value, miss.value):
                return Verdict(False, miss.hint, miss.slip)
        return Verdict(False)

    def near_texts(self) -> list[str]:
        return [self.tolerance.print_key(miss.value) for miss in self.near_misses]


@dataclass(frozen=True)
class NumberField:
    id: str
    label: Template | None
    answer: Expression
    tolerance: Tolerance
    near_misses: tuple[tuple[Expression, Template], ...]
    unit: str

    def draw(self, values: Values) -> NumberBox:
        try:
            return self._box(values)
        except ExpressionError as error:
            raise VariantError(f"ответ {self.id}: {error.message}") from error

    def _box(self, values: Values) -> NumberBox:
        key = self.answer.evaluate(values)
        if self.tolerance.exact and isinstance(key, float):
            raise VariantError("ключ не точен: задайте tolerance rounded или computed")
        misses = tuple(
            NearMiss(expression.evaluate(values), hint.plain(values), f"{self.id}#{n}")
            for n, (expression, hint) in enumerate(self.near_misses)
        )
        for miss in misses:
            if self.tolerance.accepts(miss.value, key):
                raise VariantError(f"near_misses{miss.slip} совпадает с ключом {key}")
        label, html = read_label(self.label, values)
        rule = self.tolerance.rule
        return NumberBox(
            self.id, label, html, self.unit, rule, key, self.tolerance, misses
        )


@dataclass(frozen=True)
class NumericBody(Body):
    fields: tuple[NumberField, ...]
    type = "numeric"
    required = frozenset()
    optional = frozenset({"answer", "tolerance", "near_misses", "unit", "fields"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        own = cls.optional - {"fields"}
        parts = field_documents(document, {"answer", "tolerance"}, set(own))
        return cls(tuple(_read_field(part, scope) for part in parts))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        return Boxes(tuple(one.draw(values) for one in self.fields))


def _read_field(document: Document, scope: Scope) -> NumberField:
    return NumberField(
        document.value.get("id", "") if "label" in document.value else "",
        scope.optional(document, "label"),
        scope.expression(document.child("answer")),
        read_tolerance(document.child("tolerance")),
        _read_near_misses(document, scope),
        document.get("unit", str, ""),
    )


def _read_near_misses(
    document: Document, scope: Scope
) -> tuple[tuple[Expression, Template], ...]:
    if "near_misses" not in document.value:
        return ()
    misses = []
    for part in document.child("near_misses").items():
        part.keys(required={"answer", "hint"})
        answer = scope.expression(part.child("answer"))
        misses.append((answer, scope.template(part.child("hint"))))
    return tuple(misses)
