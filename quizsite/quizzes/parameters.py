"""``params``, ``let`` and ``require`` of a question: drawing its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from quizsite.lib.expressions import RESERVED, Expression, ExpressionError, Number
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.scope import Scope, read_constant, read_expression

Values = Mapping[str, Number]

MAX_DRAWS = 500
MAX_CHOICES = 10_000
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")


class DrawError(ValueError):
    """No values satisfy the question's requirements."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """How values are drawn: each parameter from a finite set, then the lets."""

    choices: Mapping[str, tuple[Number, ...]]
    lets: Mapping[str, Expression]  # in an order that can be computed
    require: tuple[Expression, ...]

    @property
    def scope(self) -> Scope:
        return Scope(frozenset({*self.choices, *self.lets}), self.lets)

    def draw(self, dice: Dice) -> Values:
        """Values that satisfy ``require``.

        Raises:
            DrawError: none were found, or a formula fails where all is allowed.
        """
        for turn in range(MAX_DRAWS if self.choices else 1):
            values = self._try(dice.named(f"params/{turn}"))
            if values is not None:
                return values
        raise DrawError(f"require не выполнено ни в одной из {MAX_DRAWS} проб")

    def _try(self, dice: Dice) -> Values | None:
        values = {
            name: dice.choice(items, name) for name, items in self.choices.items()
        }
        fault = self._let(values)
        # A forbidden draw may well divide by zero in a let: ask ``require`` first.
        known = [one for one in self.require if one.names <= set(values)]
        if not all(one.holds(values) for one in known):
            return None
        if fault is not None:
            raise DrawError(f"let: {fault.message}")
        return values

    def _let(self, values: dict[str, Number]) -> ExpressionError | None:
        try:
            for name, expression in self.lets.items():
                values[name] = expression.evaluate(values)
        except ExpressionError as error:
            return error
        return None


def read_parameters(document: Document) -> Parameters:
    choices = {name: _read_choices(part) for name, part in _named(document, "params")}
    lets = _read_lets(document, set(choices))
    names = {*choices, *lets}
    require = tuple(read_expression(one, names) for one in _list(document, "require"))
    return Parameters(choices, lets, require)


def _list(document: Document, key: str) -> list[Document]:
    return list(document.child(key).items()) if key in document.value else []


def _named(document: Document, key: str) -> list[tuple[str, Document]]:
    if key not in document.value:
        return []
    part = document.child(key)
    part.expect(dict)
    for name in part.value:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise part.error(f"имя «{name}» — не латинские буквы и цифры")
        if name in RESERVED:
            raise part.child(name).error(f"имя «{name}» занято: выберите другое")
    return [(name, part.child(name)) for name in part.value]


def _read_lets(document: Document, known: set[str]) -> dict[str, Expression]:
    """The lets, each after those it uses (a mapping's order may get lost in JSON)."""
    parts = dict(_named(document, "let"))
    for name in set(parts) & known:
        raise parts[name].error(f"«{name}» уже есть в params")
    waiting = {
        name: read_expression(d, known | set(parts)) for name, d in parts.items()
    }
    ordered: dict[str, Expression] = {}
    while waiting:
        ready = sorted(n for n, e in waiting.items() if not e.names & set(waiting))
        if not ready:
            name = sorted(waiting)[0]
            raise parts[name].error("let ссылаются друг на друга по кругу")
        ordered |= {name: waiting.pop(name) for name in ready}
    return ordered


def _read_choices(document: Document) -> tuple[Number, ...]:
    document.keys(required=set(), optional={"int", "choice", "float", "step", "not"})
    kinds = [key for key in ("int", "choice", "float") if key in document.value]
    if len(kinds) != 1:
        raise document.error("нужно одно из: int, choice, float")
    part = document.child(kinds[0])
    numbers = [read_constant(one) for one in part.items()]
    choices = numbers if kinds[0] == "choice" else _range(document, part, numbers)
    excluded = {read_constant(one) for one in _list(document, "not")}
    left = tuple(one for one in choices if one not in excluded)
    if not left:
        raise document.error("не из чего выбирать")
    return left


def _range(document: Document, part: Document, ends: list[Number]) -> list[Number]:
    if len(ends) != 2 or ends[0] > ends[1]:
        raise part.error("нужны два числа: [наименьшее, наибольшее]")
    if part.field.endswith(".int"):
        if not all(isinstance(end, int) for end in ends):
            raise part.error("концы int — целые числа")
        step: Number = 1
    elif "step" in document.value:
        step = read_constant(document.child("step"))
    else:
        raise document.error("у float нужен step")
    return _steps(document, Fraction(ends[0]), Fraction(ends[1]), Fraction(step))


def _steps(
    document: Document, low: Fraction, high: Fraction, step: Fraction
) -> list[Number]:
    if step <= 0 or (high - low) / step > MAX_CHOICES:
        raise document.error(f"шаг должен давать не больше {MAX_CHOICES} значений")
    numbers = [low + step * k for k in range((high - low) // step + 1)]
    return [one.numerator if one.denominator == 1 else one for one in numbers]
