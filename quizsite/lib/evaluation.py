"""Walking the checked tree of an expression; which arithmetic is the caller's choice.

Nothing is compiled or evaluated by Python itself, and every intermediate result goes
through the arithmetic's ``bounded``.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quizsite.lib.arithmetic import (
    EXACT,
    TOO_BIG,
    UNDEFINED,
    Arithmetic,
    ExpressionError,
)


@dataclass(frozen=True, slots=True)
class Walk:
    """Values of names, and what numbers are; ``/`` may be read as ``//``."""

    values: Mapping[str, Any]
    arithmetic: Arithmetic = EXACT
    whole_division: bool = False

    def value(self, node: ast.expr) -> Any:
        """The value of a tree that the language allows.

        Raises:
            ExpressionError: with the character of the part that has no value.
        """
        try:
            return self.arithmetic.bounded(self._value(node))
        except ExpressionError as error:
            if error.offset < 0:
                raise type(error)(error.message, node.col_offset) from error
            raise
        except ZeroDivisionError as error:
            raise ExpressionError("деление на ноль", node.col_offset) from error
        except OverflowError as error:
            raise ExpressionError(TOO_BIG, node.col_offset) from error
        except (ValueError, TypeError) as error:
            raise ExpressionError(UNDEFINED, node.col_offset) from error

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=value):
                return self.arithmetic.number(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self.value(left), self.value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return self._unary(op, self.value(operand))
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.arithmetic.functions[name](*map(self.value, args))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.BoolOp(op=ast.And(), values=values):
                return all(self.value(one) for one in values)
            case ast.BoolOp(values=values):
                return any(self.value(one) for one in values)
            case ast.Compare():
                return self._compare(node)
        raise AssertionError(node)

    def _name(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        if name in self.arithmetic.constants:
            return self.arithmetic.constants[name]
        raise ExpressionError(f"неизвестное имя «{name}»", -1)

    def _binary(self, op: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(op, ast.Pow):
            return self.arithmetic.power(left, right)
        if isinstance(op, ast.Div):
            if not self.whole_division:
                return self.arithmetic.divide(left, right)
            op = ast.FloorDiv()
        return self.arithmetic.operations[type(op)](left, right)

    def _unary(self, op: ast.unaryop, value: Any) -> Any:
        if isinstance(op, ast.Not):
            return not value
        return self.arithmetic.negate(value) if isinstance(op, ast.USub) else value

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator)
            if not self.arithmetic.comparisons[type(op)](left, right):
                return False
            left = right
        return True
