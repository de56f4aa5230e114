"""A formula with numbers put in for some of its names."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from fractions import Fraction

from quizsite.lib.arithmetic import ExpressionError, Number
from quizsite.lib.evaluation import Walk
from quizsite.lib.expressions import Expression
from quizsite.lib.formulas.writing import to_text


def specialise(expression: Expression, values: Mapping[str, Number]) -> Expression:
    """The formula where these names have these values; what is exact is computed.

    Conditions must not depend on what is left: only one branch stays.

    Raises:
        ExpressionError: a value is rounded already, or nothing can be computed with it.
    """
    tree = _put(expression.tree, values)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names = used & (expression.names - set(values))
    return Expression(to_text(tree), tree, frozenset(names))


def _put(node: ast.expr, values: Mapping[str, Number]) -> ast.expr:
    match node:
        case ast.Name(id=name) if name in values:
            return _number(node, _exact(name, values[name]))
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return _put(body if Walk(values).value(test) else orelse, values)
        case ast.BinOp(left=left, op=op, right=right):
            return _folded(ast.BinOp(_put(left, values), op, _put(right, values)), node)
        case ast.UnaryOp(op=op, operand=operand):
            return _folded(ast.UnaryOp(op, _put(operand, values)), node)
        case ast.Call(func=func, args=args):
            return _folded(
                ast.Call(func, [_put(one, values) for one in args], []), node
            )
    return node


def _exact(name: str, value: Number) -> int | Fraction:
    if isinstance(value, float):
        message = f"«{name}» здесь уже округлено: впишите выражение вместо имени"
        raise ExpressionError(message)
    return value


def _number(node: ast.expr, value: int | Fraction) -> ast.expr:
    size = ast.copy_location(ast.Constant(abs(value)), node)  # type: ignore[arg-type]
    if value >= 0:
        return size
    return ast.copy_location(ast.UnaryOp(ast.USub(), size), node)


def _folded(node: ast.expr, origin: ast.expr) -> ast.expr:
    """Its exact value, if all its parts are numbers and so is the result."""
    ast.copy_location(node, origin)
    if not all(map(_is_number, _operands(node))):
        return _without_neutral(node)
    value = Walk({}).value(node)
    return node if isinstance(value, float) else _number(node, value)


def _operands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, right=right):
            return [left, right]
        case ast.UnaryOp(operand=operand):
            return [operand]
        case ast.Call(args=args):
            return args
    return []


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant)


def _without_neutral(node: ast.expr) -> ast.expr:
    """``1*x``, ``x^1``, ``x + 0`` and the like as ``x``: numbers that were put in."""
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right) if _is(left, 0):
            return right
        case ast.BinOp(left=left, op=ast.Mult(), right=right) if _is(left, 1):
            return right
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return left if _is(right, 0) else node
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.Pow(), right=right):
            return left if _is(right, 1) else node
    return node


def _is(node: ast.expr, number: int) -> bool:
    return isinstance(node, ast.Constant) and node.value == number
