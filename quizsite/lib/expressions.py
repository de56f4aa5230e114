"""The one expression language: authors' parameters and keys, readers' answers.

Text is first cut into tokens, so that only a small alphabet reaches ``ast.parse``;
the tree is then checked against a list of allowed nodes and *walked*: nothing is ever
compiled or evaluated by Python itself. Every step is bounded: length, nodes, depth,
digits, magnitude of literals and of every intermediate result, exponents.

Numbers stay exact as long as they can: whole numbers and decimal literals are ``int``
and ``Fraction``; roots, logarithms and the like give ``float``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache

from quizsite.lib.arithmetic import (
    ARITHMETIC,
    COMPARE,
    CONSTANTS,
    FUNCTIONS,
    MAX_DIGITS,
    TOO_BIG,
    UNDEFINED,
    ExpressionError,
    Number,
    bounded,
    divide,
    power,
)

__all__ = ["Expression", "ExpressionError", "Number", "evaluate", "parse_expression"]

MAX_LENGTH = 400
MAX_NODES = 200
MAX_DEPTH = 40
MAX_LITERAL = 10**18
MAX_ORDER = 99  # of ten, in a literal

RESERVED = {*FUNCTIONS, *CONSTANTS, "and", "or", "not", "if", "else", "is", "in"}


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression; ``names`` must be given to evaluate it."""

    source: str
    tree: ast.expr = field(compare=False)  # syntax trees compare by identity
    names: frozenset[str]

    def evaluate(
        self, values: Mapping[str, Number], *, whole_division: bool = False
    ) -> Number:
        """The value; with ``whole_division`` the sign ``/`` means ``//``.

        Raises:
            ExpressionError: division by zero, a result out of bounds, a domain error.
        """
        return _Walk(values, whole_division).value(self.tree)

    def holds(self, values: Mapping[str, Number]) -> bool:
        return bool(self.evaluate(values))


# --- reading ---------------------------------------------------------------

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%<>(),])",
    re.ASCII,
)
_BAD_TAIL = re.compile(r"[\w.]", re.ASCII)


def _check_tokens(text: str) -> None:
    position = 0
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            raise ExpressionError(f"неожиданный символ «{text[position]}»", position)
        if token["number"]:
            _check_number(token["number"], position)
            _check_tail(text, token.end())
        position = token.end()


def _check_number(text: str, position: int) -> None:
    mantissa, _, order = text.lower().partition("e")
    if sum(map(str.isdigit, mantissa)) > MAX_DIGITS:
        raise ExpressionError("слишком много цифр в числе", position)
    if order and (len(order) > 4 or abs(int(order)) > MAX_ORDER):
        raise ExpressionError("слишком большой порядок числа", position)
    if Fraction(text) > MAX_LITERAL:
        raise ExpressionError(TOO_BIG, position)


def _check_tail(text: str, end: int) -> None:
    if _BAD_TAIL.match(text, end):
        what = "непонятное число" if text[end] == "." else "пропущен знак умножения"
        raise ExpressionError(what, end)


_SYNTAX = (
    ("was never closed", "скобка не закрыта"),
    ("unmatched", "лишняя закрывающая скобка"),
    ("leading zeros", "лишние нули в начале числа"),
)


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError as error:
        known = (ours for theirs, ours in _SYNTAX if theirs in error.msg)
        offset = min(max((error.offset or 1) - 1, 0), max(len(text) - 1, 0))
        raise ExpressionError(next(known, "непонятная запись"), offset) from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise ExpressionError("слишком сложное выражение") from error


_OPERATORS, _COMPARISONS = (*ARITHMETIC, ast.Pow), tuple(COMPARE)
_UNARY = (ast.UAdd, ast.USub, ast.Not)


def _children(node: ast.expr) -> list[ast.expr]:
    """The operands of an allowed node.

    Raises:
        ExpressionError: the node is not part of the language.
    """
    match node:
        case ast.Name():
            return []
        case ast.Constant(value=value) if type(value) in (int, float):  # no True
            return []
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
            return [left, right]
        case ast.UnaryOp(op=op, operand=operand) if isinstance(op, _UNARY):
            return [operand]
        case ast.BoolOp(values=values):
            return values
        case ast.Compare(left=left, ops=ops, comparators=others) if all(
            isinstance(op, _COMPARISONS) for op in ops
        ):
            return [left, *others]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return [test, body, orelse]
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            _check_call(node, name, len(args))
            return args
    raise ExpressionError("так писать нельзя", node.col_offset)


def _check_call(node: ast.expr, name: str, count: int) -> None:
    if name not in FUNCTIONS:
        hint = suggestion(name, FUNCTIONS)
        raise ExpressionError(f"нет функции «{name}»{hint}", node.col_offset)
    least, most, _ = FUNCTIONS[name]
    if not least <= count <= most:
        raise ExpressionError(f"не то число аргументов у {name}", node.col_offset)


def suggestion(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f"; может быть, «{near[0]}»?" if near else ""


def _walk(root: ast.expr) -> Iterator[ast.expr]:
    stack, count = [(root, 1)], 0
    while stack:
        node, depth = stack.pop()
        count += 1
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise ExpressionError("слишком сложное выражение", node.col_offset)
        yield node
        stack += [(child, depth + 1) for child in _children(node)]


@lru_cache(maxsize=4096)
def parse_expression(source: str) -> Expression:
    """Read and check an expression.

    Raises:
        ExpressionError: it is not one; with the character where it goes wrong.
    """
    if len(source) > MAX_LENGTH:
        raise ExpressionError(f"слишком длинно: больше {MAX_LENGTH} знаков", MAX_LENGTH)
    flat = re.sub(r"\s", " ", source)
    text = flat.strip()
    shift = len(flat) - len(flat.lstrip())
    if not text:
        raise ExpressionError("пусто")
    try:
        _check_tokens(text)
        tree = _parse(text)
        nodes = list(_walk(tree))
    except ExpressionError as error:
        raise ExpressionError(error.message, error.offset + shift) from error
    _keep_decimals(text, nodes)
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return Expression(text, tree, frozenset(names - set(CONSTANTS)))


def _keep_decimals(text: str, nodes: Iterable[ast.expr]) -> None:
    """Take decimals as written: Python's parser has rounded them to a float."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            written = ast.get_source_segment(text, node)
            node.value = Fraction(written or repr(node.value))  # type: ignore[assignment]


def evaluate(source: str, values: Mapping[str, Number] | None = None) -> Number:
    return parse_expression(source).evaluate(values or {})


# --- evaluating ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Walk:
    values: Mapping[str, Number]
    whole_division: bool

    def value(self, node: ast.expr) -> Number:
        try:
            return bounded(self._value(node))
        except ExpressionError as error:
            if error.offset < 0:
                raise ExpressionError(error.message, node.col_offset) from error
            raise
        except ZeroDivisionError as error:
            raise ExpressionError("деление на ноль", node.col_offset) from error
        except OverflowError as error:
            raise ExpressionError(TOO_BIG, node.col_offset) from error
        except (ValueError, TypeError) as error:
            raise ExpressionError(UNDEFINED, node.col_offset) from error

    def _value(self, node: ast.expr) -> Number:
        match node:
            case ast.Constant(value=value):
                return value  # type: ignore[return-value]
            case ast.Name(id=name):
                return self._name(name)
            case ast.BinOp(left=left, op=op, right=right):
                return self._binary(op, self.value(left), self.value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return _unary(op, self.value(operand))
            case ast.Call(func=ast.Name(id=name), args=args):
                return FUNCTIONS[name][2](*map(self.value, args))
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.BoolOp(op=ast.And(), values=values):
                return all(self.value(one) for one in values)
            case ast.BoolOp(values=values):
                return any(self.value(one) for one in values)
            case ast.Compare():
                return self._compare(node)
        raise AssertionError(node)

    def _name(self, name: str) -> Number:
        if name in self.values:
            return self.values[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        raise ExpressionError(f"неизвестное имя «{name}»", -1)

    def _binary(self, op: ast.operator, left: Number, right: Number) -> Number:
        if isinstance(op, ast.Pow):
            return power(left, right)
        if isinstance(op, ast.Div) and not self.whole_division:
            return divide(left, right)
        return ARITHMETIC[type(op)](left, right)

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for op, comparator in zip(node.ops, node.comparators, strict=True):
            right = self.value(comparator)
            if not COMPARE[type(op)](left, right):
                return False
            left = right
        return True


def _unary(op: ast.unaryop, value: Number) -> Number:
    if isinstance(op, ast.Not):
        return not value
    return -value if isinstance(op, ast.USub) else +value
