"""The one expression language: authors' parameters and keys, readers' answers.

Text is first cut into tokens, so that only a small alphabet reaches ``ast.parse``;
the tree is then checked against a list of allowed nodes and *walked*: nothing is ever
compiled or evaluated by Python itself. Every step is bounded: length, nodes, depth,
digits, magnitude of literals and of every intermediate result, exponents.

Numbers stay exact as long as they can: whole numbers and decimal literals are ``int``
and ``Fraction``; roots, logarithms and the like give ``float``. Formulas are computed
to fifty digits instead: :mod:`quizsite.lib.formulas`.
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
    CONSTANTS,
    EXACT,
    FUNCTIONS,
    MAX_DIGITS,
    TOO_BIG,
    ExpressionError,
    Number,
)
from quizsite.lib.evaluation import Walk

__all__ = ["Expression", "ExpressionError", "Number", "evaluate", "parse_expression"]

MAX_LENGTH = 400
MAX_NODES = 120
MAX_DEPTH = 40
MAX_LITERAL = 10**18
MAX_ORDER = 99  # of ten, in a literal

KEYWORDS = frozenset({"and", "or", "not", "if", "else", "is", "in"})
RESERVED = {*FUNCTIONS, *CONSTANTS, *KEYWORDS}


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
        value: Number = Walk(values, EXACT, whole_division).value(self.tree)
        return value

    @property
    def functions(self) -> frozenset[str]:
        calls = (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))
        called = (call.func for call in calls)
        return frozenset(one.id for one in called if isinstance(one, ast.Name))

    def holds(self, values: Mapping[str, Number]) -> bool:
        return bool(self.evaluate(values))


# --- reading ---------------------------------------------------------------

TOKEN = re.compile(
    r"(?P<space>\s+)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%<>(),])",
    re.ASCII,
)
_BAD_TAIL = re.compile(r"[\w.]", re.ASCII)


_INSTEAD = {
    "\\": "; LaTeX здесь не нужен: пишите a/b, sqrt(x), ln(x)",
    "|": "; модуль пишут так: abs(x)",
    "!": "; факториал пишут так: factorial(n)",
    "[": "; скобки здесь только круглые",
    "{": "; скобки здесь только круглые",
    "=": "; запишите одно выражение, без знака равенства",
}


def unexpected(character: str) -> str:
    """What is said of a character that the language does not have."""
    instead = _INSTEAD.get(character, "")
    if re.match("[а-яё]", character, re.IGNORECASE):
        instead = "; имена и функции пишут латинскими буквами"
    return f"неожиданный символ «{character}»{instead}"


def _check_tokens(text: str) -> None:
    position = depth = 0
    while position < len(text):
        token = TOKEN.match(text, position)
        if token is None:
            raise ExpressionError(unexpected(text[position]), position)
        if token["number"]:
            _check_number(token["number"], position)
            _check_tail(text, token.end())
        depth += (token[0] == "(") - (token[0] == ")")
        if depth > MAX_DEPTH:
            raise ExpressionError("слишком много вложенных скобок", position)
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


_OPERATORS = (*EXACT.operations, ast.Div, ast.Pow)
_COMPARISONS = tuple(EXACT.comparisons)
_UNARY = (ast.UAdd, ast.USub, ast.Not)


def children(node: ast.expr) -> list[ast.expr]:
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
        message = f"не то число аргументов у {name}"
        if count == 1:  # max(1,2) is read with a decimal comma
            message += "; разделяйте их точкой с запятой"
        raise ExpressionError(message, node.col_offset)


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
        stack += [(child, depth + 1) for child in children(node)]


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
