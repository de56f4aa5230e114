"""A number, or several: exact, rounded or computed."""

from __future__ import annotations

from dataclasses import dataclass

from quizsite.lib.expressions import Expression, ExpressionError, Number
from quizsite.lib.numbers import format_number, read_number
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import NearMiss, NearValue, read_near_misses
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import Body, Drawn, VariantError
from quizsite.quizzes.types.boxes import Box, Boxes, Verdict, echo_of
from quizsite.quizzes.types.fields import field_documents, read_label
from quizsite.quizzes.types.tolerance import Tolerance, read_tolerance
from quizsite.quizzes.types.usual import Circumstances, near_number


@dataclass(frozen=True)
class NumberBox(Box):
    value: Number
    tolerance: Tolerance
    near_misses: tuple[NearValue[Number], ...]
    about: Circumstances

    @property
    def key(self) -> str:
        return self.tolerance.print_key(self.value)

    def read(self, text: str) -> tuple[Number, str]:
        number = text.strip()
        if self.unit and number.endswith(self.unit):
            number = number[: -len(self.unit)]
        value = read_number(number)
        return value, echo_of(format_number(value), number)

    def judge(self, value: Number) -> Verdict:
        if self.tolerance.accepts(value, self.value):
            return Verdict(True)
        for miss in self.near_misses:
            if self.tolerance.accepts(value, miss.value):
                return Verdict(False, miss.near)
        near = near_number(value, self.value, self.tolerance.accepts, self.about)
        return Verdict(False, near)

    def near_texts(self) -> list[str]:
        return [self.tolerance.print_key(miss.value) for miss in self.near_misses]


@dataclass(frozen=True)
class NumberField:
    id: str
    label: Template | None
    answer: Expression
    behind: tuple[Expression, ...]  # the answer and the lets that it depends on
    tolerance: Tolerance
    near_misses: tuple[NearMiss[Expression], ...]
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
            NearValue(miss.answer.evaluate(values), miss.near(values))
            for miss in self.near_misses
        )
        for miss in misses:
            if self.tolerance.accepts(miss.value, key):
                where = f"near_misses{miss.near.slip}"
                raise VariantError(f"{where} совпадает с ключом {key}")
        label, html = read_label(self.label, values)
        rule, about = self.tolerance.rule, circumstances(self.behind, values, self.unit)
        return NumberBox(
            self.id, label, html, self.unit, rule, key, self.tolerance, misses, about
        )


def circumstances(
    behind: tuple[Expression, ...], values: Values, unit: str
) -> Circumstances:
    names = frozenset[str]().union(*(one.names for one in behind))
    functions = frozenset[str]().union(*(one.functions for one in behind))
    return Circumstances({name: values[name] for name in names}, functions, unit)


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
    answer = scope.expression(document.child("answer"))
    return NumberField(
        document.value.get("id", "") if "label" in document.value else "",
        scope.optional(document, "label"),
        answer,
        tuple(scope.behind(answer)),
        read_tolerance(document.child("tolerance")),
        read_near_misses(document, scope, scope.expression),
        document.get("unit", str, ""),
    )
