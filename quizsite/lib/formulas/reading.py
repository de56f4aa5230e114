"""A formula that a reader typed: the expression language without conditions."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from quizsite.lib.arithmetic import MAX_EXACT_EXPONENT
from quizsite.lib.evaluation import Walk
from quizsite.lib.expressions import TOKEN, Expression, ExpressionError
from quizsite.lib.formulas.canonical import joinable
from quizsite.lib.typed import Typed, read_typed

MAX_COSTLY = 40  # functions and powers: each is computed at every point

_LEFT_SIDE = re.compile(r"\s*[^\W\d]\w*\s*=(?!=)\s*")  # s = …


@dataclass(frozen=True)
class Form:
    """How an answer must be written, beside being right; told beside its box."""

    simplified: bool = False
    no_floats: bool = False


ANY_FORM = Form()


def read_formula(text: str, names: Iterable[str], form: Form = ANY_FORM) -> Expression:
    """The formula; what its form lacks is an error of form, not a wrong answer.

    Raises:
        ExpressionError: pointing at the character that was typed.
    """
    side = _LEFT_SIDE.match(text)
    shift = side.end() if side else 0
    try:
        typed = read_typed(text[shift:], names=names)
        _refuse_costly(typed)
        for node in ast.walk(typed.expression.tree):
            _refuse(node, typed)
        _check_form(typed, form)
    except ExpressionError as error:
        raise ExpressionError(error.message, error.offset + shift) from error
    return typed.expression


def _refuse(node: ast.AST, typed: Typed) -> None:
    match node:
        case ast.IfExp() | ast.BoolOp() | ast.Compare() | ast.UnaryOp(op=ast.Not()):
            message = "нужна формула, без условий и сравнений"
            raise typed.error(message, node.col_offset)
        case ast.BinOp(op=ast.Pow(), right=exponent) if _high(exponent, typed):
            message = f"показатель степени больше {MAX_EXACT_EXPONENT}"
            raise typed.error(message, exponent.col_offset)


def _refuse_costly(typed: Typed) -> None:
    nodes = ast.walk(typed.expression.tree)
    costly = sum(isinstance(node, ast.Call | ast.Pow) for node in nodes)
    if costly > MAX_COSTLY:
        raise ExpressionError(f"функций и степеней {costly}: больше {MAX_COSTLY}")


def _high(exponent: ast.expr, typed: Typed) -> bool:
    """Whether a constant exponent is too large to be worked with."""
    if any(isinstance(node, ast.Name) for node in ast.walk(exponent)):
        return False
    try:
        size = abs(Walk({}).value(exponent))
    except ExpressionError as error:
        raise typed.error(error.message, error.offset) from error
    return bool(size > MAX_EXACT_EXPONENT)


def _check_form(typed: Typed, form: Form) -> None:
    text = typed.expression.source
    if form.no_floats:
        for token in TOKEN.finditer(text):
            if token["number"] and not token["number"].isdigit():
                message = "без десятичных дробей: пишите, например, 1/2"
                raise typed.error(message, token.start())
    places = joinable(typed.expression.tree) if form.simplified else []
    if places:
        message = "упростите: приведите подобные, сократите, перемножьте числа"
        raise typed.error(message, places[0])
