"""Cheap canonical forms: order, signs, like terms, powers; nothing is multiplied out.

A form is a number, or hashable nested tuples: a sum maps terms to their numbers, a
product maps bases to their exponents. Formulas with one form are equal wherever both
are defined; formulas with two forms may be equal all the same.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd
from typing import Any

from quizsite.lib.arithmetic import MAX_EXACT_BITS, MAX_EXACT_EXPONENT

Form = Any  # a Fraction, or a tuple that begins with its kind

ONE = Fraction(1)
EULER = ("constant", "e")
_ALIASES = {"log": "ln", "lg": "log10", "tg": "tan"}


def canonical(tree: ast.expr) -> Hashable:
    """The form; equal for formulas that differ in their writing alone."""
    form: Hashable = _Reading().form(tree)
    return form


def joinable(tree: ast.expr) -> list[int]:
    """The characters before which numbers, like terms or factors could be joined."""
    reading = _Reading()
    reading.form(tree)
    return sorted(reading.joined)


# --- building forms -------------------------------------------------------------------


def _split(form: Form) -> tuple[Fraction, Form]:
    """Its number and the rest."""
    if isinstance(form, Fraction):
        return form, ONE
    return (form[1], form[2]) if form[0] == "scaled" else (ONE, form)


def _scaled(number: Fraction, rest: Form) -> Form:
    if number == 0 or rest == ONE:
        return number
    return rest if number == 1 else ("scaled", number, rest)


def _terms(form: Form) -> dict[Form, Fraction]:
    if isinstance(form, tuple) and form[0] == "sum":
        return dict(form[1])
    number, rest = _split(form)
    return {rest: number} if number else {}


def _sum(terms: Mapping[Form, Fraction]) -> Form:
    left = {rest: number for rest, number in terms.items() if number}
    if len(left) > 1:
        return "sum", frozenset(left.items())
    return next((_scaled(number, rest) for rest, number in left.items()), Fraction(0))


def add(left: Form, right: Form) -> Form:
    terms = _terms(left)
    for rest, number in _terms(right).items():
        terms[rest] = terms.get(rest, Fraction(0)) + number
    return _sum(terms)


def _factors(form: Form) -> dict[Form, Form]:
    if isinstance(form, tuple) and form[0] == "product":
        return dict(form[1])
    return {} if form == ONE else {form: ONE}


def _product(factors: Mapping[Form, Form]) -> Form:
    left = {base: exponent for base, exponent in factors.items() if exponent != 0}
    if list(left.values()) == [ONE]:
        return next(iter(left))
    return ("product", frozenset(left.items())) if left else ONE


def multiply(left: Form, right: Form) -> Form:
    (one, first), (other, second) = _split(left), _split(right)
    factors = _factors(first)
    for base, exponent in _factors(second).items():
        factors[base] = add(factors.get(base, Fraction(0)), exponent)
    rest = _product(factors)
    if isinstance(rest, tuple) and rest[0] == "sum":  # a number times a sum
        return _sum({term: one * other * n for term, n in rest[1]})
    return _scaled(one * other, rest)


def power(base: Form, exponent: Form) -> Form:
    """Exponents are multiplied only where that is right for negative bases as well."""
    if not isinstance(exponent, Fraction) or exponent.denominator != 1:
        return _bare_power(base, exponent)
    number, rest = _split(base)
    scale = _integer_power(number, exponent)
    if scale is None:
        return _bare_power(base, exponent)
    factors = {one: multiply(own, exponent) for one, own in _factors(rest).items()}
    return multiply(scale, _product(factors))


def _bare_power(base: Form, exponent: Form) -> Form:
    if base == EULER:
        return _product({EULER: exponent})
    return "power", base, exponent


def _integer_power(number: Fraction, exponent: Fraction) -> Fraction | None:
    if number == 0 or abs(exponent) > MAX_EXACT_EXPONENT:
        return None
    bits = max(number.numerator.bit_length(), number.denominator.bit_length())
    if bits * abs(exponent) > MAX_EXACT_BITS:
        return None
    return number ** int(exponent)


# --- reading a tree ---------------------------------------------------------------


@dataclass
class _Reading:
    joined: list[int] = field(default_factory=list)

    def form(self, node: ast.expr) -> Form:
        match node:
            case ast.Constant(value=value):
                return Fraction(value)  # type: ignore[arg-type]
            case ast.Name(id=name):
                return "constant" if name in ("e", "pi") else "symbol", name
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return multiply(Fraction(-1), self.form(operand))
            case ast.UnaryOp(operand=operand):
                return self.form(operand)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(node, self.form(left), op, self.form(right))
            case ast.Call(func=ast.Name(id=name), args=args):
                return _call(_ALIASES.get(name, name), [self.form(a) for a in args])
        raise AssertionError(ast.dump(node))

    def _binary(
        self, node: ast.BinOp, left: Form, op: ast.operator, right: Form
    ) -> Form:
        if _joins(left, op, right):
            self.joined.append(node.right.col_offset)
        match op:
            case ast.Add():
                return add(left, right)
            case ast.Sub():
                return add(left, multiply(Fraction(-1), right))
            case ast.Mult():
                return multiply(left, right)
            case ast.Div() if right != 0:
                return multiply(left, power(right, Fraction(-1)))
            case ast.Pow():
                return power(left, right)
        return type(op).__name__, left, right


def _joins(left: Form, op: ast.operator, right: Form) -> bool:
    """Whether an operation could have been carried out on paper."""
    match op:
        case ast.Add() | ast.Sub():
            return left == 0 or right == 0 or bool(_terms(left).keys() & _terms(right))
        case ast.Pow():
            return right in (0, 1)
        case ast.Mult() | ast.Div():
            (one, first), (other, second) = _split(left), _split(right)
            divides = isinstance(op, ast.Div)
            common = _factors(first).keys() & _factors(second)
            return bool(common) or _join_numbers(one, first, other, second, divides)
    return False


def _join_numbers(
    one: Fraction, first: Form, other: Fraction, second: Form, divides: bool
) -> bool:
    if 0 in (one, other) or (other, second) == (ONE, ONE):
        return True
    if divides:  # 2/3 stays, 4/6 and 2/3/5 do not
        whole = one.denominator == other.denominator == 1
        apart = whole and gcd(one.numerator, other.numerator) == 1
        return not apart and abs(other) != 1
    return (one, first) == (ONE, ONE) or (abs(one) != 1 and abs(other) != 1)


def _call(name: str, args: list[Form]) -> Form:
    if name == "exp":
        return power(EULER, args[0])
    if name == "sqrt":
        return power(args[0], Fraction(1, 2))
    if name in ("min", "max"):
        return name, frozenset(args)
    return name, *args
