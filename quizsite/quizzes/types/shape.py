"""The shape of a tensor, in numbers or in symbols, with a verdict on every axis.

Symbolic shapes are compared by values: both sides are evaluated where the symbols
have many different whole values that respect what is known of them (``d`` a multiple
of ``h``). A size is a whole number, so where it matters ``/`` may be read as ``//``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from quizsite.lib.expressions import (
    MAX_LENGTH,
    Expression,
    ExpressionError,
    Number,
)
from quizsite.lib.plural import plural
from quizsite.lib.sourced_yaml import Document
from quizsite.lib.typed import Typed, read_typed
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import Near, NearMiss, NearValue, read_near_misses
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import Body, Drawn, Part, VariantError
from quizsite.quizzes.types.boxes import Box, Boxes, Verdict, echo_of
from quizsite.quizzes.types.fields import field_documents, read_label
from quizsite.quizzes.types.symbols import Symbols, read_symbols
from quizsite.quizzes.types.usual_shapes import near_shape

Axes = tuple[Expression, ...]
MAX_RANK = 12

_WRAPPER = re.compile(r"^\s*(?:torch\s*\.\s*Size|Size|shape)?\s*(?:=\s*)?(?=[(\[])")
_BRACKETS = {"(": ")", "[": "]"}


def split_axes(text: str) -> list[tuple[str, int]]:
    """The axes' texts and where they start: ``(B, n)``, ``[2, 3]``, ``2; 3``.

    Raises:
        ExpressionError: brackets do not match or an axis is empty.
    """
    if len(text) > MAX_LENGTH:  # what follows looks at some characters many times
        raise ExpressionError(f"слишком длинно: больше {MAX_LENGTH} знаков", MAX_LENGTH)
    start = found.end() if (found := _WRAPPER.match(text)) else 0
    inner, shift = text[start:], start
    while (deeper := _unwrapped(inner, shift)) != (inner, shift):
        inner, shift = deeper
    if not inner.strip() and shift > start:
        return []
    axes = _split(inner, shift)
    if len(axes) > 1 and not axes[-1][0].strip():
        axes.pop()  # (3,)
    for axis, offset in axes:
        if not axis.strip():
            raise ExpressionError("пропущен размер оси", offset)
    if len(axes) > MAX_RANK:
        raise ExpressionError(f"слишком много осей: больше {MAX_RANK}", 0)
    return axes


def _unwrapped(text: str, shift: int) -> tuple[str, int]:
    """Without the pair of brackets around everything, if there is one."""
    lead = len(text) - len(text.lstrip())
    body = text.strip()
    if body[:1] not in _BRACKETS:
        return text, shift
    depth = 0
    for index, character in enumerate(body):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and index < len(body) - 1:
            return text, shift  # (a+b), c: not around everything
    if not body.endswith(_BRACKETS[body[0]]) or len(body) < 2:
        raise ExpressionError("скобка не закрыта", shift + lead)
    return body[1:-1], shift + lead + 1


def _split(text: str, shift: int) -> list[tuple[str, int]]:
    axes, depth, begin = [], 0, 0
    for index, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character in ",;" and depth == 0:
            axes.append((text[begin:index], shift + begin))
            begin = index + 1
    return [*axes, (text[begin:], shift + begin)]


@dataclass(frozen=True)
class ShapeBox(Box):
    axes: Axes
    near_misses: tuple[NearValue[Axes], ...]
    symbols: Symbols
    values: Mapping[str, Number]
    wide = True

    @property
    def key(self) -> str:
        return self._text(self.axes)

    def near_texts(self) -> list[str]:
        return [self._text(miss.value) for miss in self.near_misses]

    def check(self) -> None:
        """Sizes are whole; no near miss is right."""
        for axes in (self.axes, *(miss.value for miss in self.near_misses)):
            for axis in axes:
                _check_axis(axis, self)
        for miss in self.near_misses:
            same_rank = len(miss.value) == len(self.axes)
            if same_rank and _equal(miss.value, self):
                where = f"near_misses{miss.near.slip}"
                raise VariantError(f"{where} совпадает с {self.key}")

    def read(self, text: str) -> tuple[Axes, str]:
        axes = tuple(self._read_axis(*one) for one in split_axes(text))
        if len(axes) == 1 and re.search(r"[×хx*]", text) and not self.symbols.names:
            raise ExpressionError("перечислите размеры осей через запятую", 0)
        return axes, echo_of(self._text(axes), text)

    def _read_axis(self, text: str, shift: int) -> Expression:
        lead = len(text) - len(text.lstrip())
        try:
            typed = read_typed(
                text.strip(), names=self.symbols.names, decimal_comma=False
            )
            self._evaluate_everywhere(typed)
        except ExpressionError as error:
            place = error.offset + shift + lead
            raise ExpressionError(error.message, place) from error
        return typed.expression

    def _evaluate_everywhere(self, typed: Typed) -> None:
        try:
            for point in self.symbols.points():
                typed.expression.evaluate(point)
        except ExpressionError as error:
            raise typed.error(error.message, error.offset) from error

    def _text(self, axes: Axes) -> str:
        sources = [self._axis_text(axis) for axis in axes]
        tail = "," if len(sources) == 1 else ""
        return f"({', '.join(sources)}{tail})"

    def _axis_text(self, axis: Expression) -> str:
        """The author's parameters become numbers, the symbols stay."""
        if not axis.names & set(self.symbols.names):
            return str(axis.evaluate(self.values))
        return re.sub(
            r"[A-Za-z_]\w*",
            lambda match: str(self.values.get(match[0], match[0])),
            axis.source,
        )

    def judge(self, value: Axes) -> Verdict:
        near = self._near(value)
        if len(value) != len(self.axes):
            note = f"осей {len(value)}, а должно быть {len(self.axes)}"
            rank = Part("число осей", False, note)
            return Verdict(False, near, (rank,), note)
        parts = tuple(
            self._part(number, given, wanted)
            for number, (given, wanted) in enumerate(zip(value, self.axes, strict=True))
        )
        if all(part.ok for part in parts):
            return Verdict(True, parts=tuple(part for part in parts if part.note))
        return Verdict(False, near, parts)

    def _part(self, number: int, given: Expression, wanted: Expression) -> Part:
        label = f"ось {number}: {given.source}"
        if self._same(given, wanted):
            return Part(label, True)
        if self._same(given, wanted, whole_division=True):
            return Part(label, True, "деление понято как целочисленное (//)")
        return Part(label, False)

    def _same(
        self, given: Expression, wanted: Expression, *, whole_division: bool = False
    ) -> bool:
        try:
            return all(
                given.evaluate(point, whole_division=whole_division)
                == wanted.evaluate({**self.values, **point})
                for point in self.symbols.points()
            )
        except ExpressionError:
            return False

    def _near(self, value: Axes) -> Near:
        for miss in self.near_misses:
            same_rank = len(miss.value) == len(value)
            if same_rank and all(map(self._same, value, miss.value)):
                return miss.near
        return near_shape(value, self.axes, self._same, self._differ_by_one)

    def _differ_by_one(self, given: Expression, wanted: Expression) -> bool:
        values = [
            (given.evaluate(point), wanted.evaluate({**self.values, **point}))
            for point in self.symbols.points()
        ]
        return {one - other for one, other in values} in ({1}, {-1})


@dataclass(frozen=True)
class ShapeField:
    id: str
    label: Template | None
    axes: Axes
    near_misses: tuple[NearMiss[Axes], ...]
    symbols: Symbols

    def draw(self, values: Values) -> ShapeBox:
        misses = tuple(
            NearValue(miss.answer, miss.near(values)) for miss in self.near_misses
        )
        label, html = read_label(self.label, values)
        rule = "размеры осей через запятую, например (2, 3, 4)"
        if self.symbols.names:
            rule = f"через запятую; обозначения: {', '.join(self.symbols.names)}"
        return ShapeBox(
            self.id, label, html, "", rule, self.axes, misses, self.symbols, values
        )


def _equal(axes: Axes, box: ShapeBox) -> bool:
    return all(
        given.evaluate({**box.values, **point})
        == wanted.evaluate({**box.values, **point})
        for given, wanted in zip(axes, box.axes, strict=True)
        for point in box.symbols.points()
    )


def _check_axis(axis: Expression, box: ShapeBox) -> None:
    for point in box.symbols.points():
        try:
            size = axis.evaluate({**box.values, **point})
        except ExpressionError as error:
            raise VariantError(f"ось {axis.source}: {error.message}") from error
        if not isinstance(size, int):
            raise VariantError(
                f"ось {axis.source}: не целое число ({size}) при {point}"
            )


@dataclass(frozen=True)
class ShapeBody(Body):
    fields: tuple[ShapeField, ...]
    type = "shape"
    required = frozenset()
    optional = frozenset({"answer", "near_misses", "symbols", "fields"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        symbols = read_symbols(document, scope)
        parts = field_documents(document, {"answer"}, {"answer", "near_misses"})
        return cls(tuple(_read_field(part, scope, symbols) for part in parts))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        return Boxes(tuple(one.draw(values) for one in self.fields))


def _read_field(document: Document, scope: Scope, symbols: Symbols) -> ShapeField:
    def read_axes(part: Document) -> Axes:
        return _read_axes(part, scope, symbols)

    return ShapeField(
        document.value.get("id", "") if "label" in document.value else "",
        scope.optional(document, "label"),
        read_axes(document.child("answer")),
        read_near_misses(document, scope, read_axes),
        symbols,
    )


def _read_axes(document: Document, scope: Scope, symbols: Symbols) -> Axes:
    axes = tuple(scope.expression(one, symbols.names) for one in document.items())
    if len(axes) > MAX_RANK:
        word = plural(MAX_RANK, "оси", "осей", "осей")
        raise document.error(f"больше {MAX_RANK} {word}")
    return axes
