"""Which names a statement of a notebook's top level binds, reads and calls; static.

Python's own symbol tables tell locals from globals, so a local ``x`` of a function is
not taken for the ``x`` of an experiment. What is read *now*, while the statement is
executed (decorators, defaults, bases, class bodies, values), must be defined before
it; what is read *later*, in the bodies of functions, only before they are called.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__", "__class__"}
COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")
Scope = symtable.SymbolTable


@dataclass(frozen=True, slots=True)
class Names:
    """Of one statement."""

    binds: frozenset[str]
    now: frozenset[str]
    later: frozenset[str]


def names_of(text: str) -> Names:
    """The names of a statement that parses.

    Raises:
        SyntaxError: it does not compile all the same (``nonlocal`` outside, say).
    """
    top = symtable.symtable(text, "solution.py", "exec")
    now: set[str] = set()
    later: set[str] = set()
    for table, is_later in _tables(top):
        (later if is_later else now).update(_globals_read(table))
    binds = {s.get_name() for s in top.get_symbols() if s.is_assigned() or _imported(s)}
    return Names(frozenset(binds), frozenset(now), frozenset(later))


def undefined(source: str, tree: ast.Module) -> list[str]:
    """Names that a module reads and that are defined neither there nor by Python.

    Whatever cannot be told (a star import, a source that does not compile) is none.
    """
    try:
        top = symtable.symtable(source, "solution.py", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    if any(map(is_star_import, ast.walk(tree))):
        return []
    read: set[str] = set()
    bound: set[str] = set()
    for table, _ in _tables(top):
        read |= _globals_read(table)
        bound |= {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_global() and (symbol.is_assigned() or _imported(symbol))
        }
    return sorted(read - bound - BUILTINS)


def _tables(top: Scope) -> Iterator[tuple[Scope, bool]]:
    """Every table, and whether its block is executed later than the statement."""
    queue = [(top, False)]
    while queue:
        table, is_later = queue.pop()
        yield table, is_later
        queue += [
            (child, is_later or not _is_executed(child))
            for child in table.get_children()
        ]


def _is_executed(table: Scope) -> bool:
    """Class bodies and comprehensions are executed where they stand."""
    return table.get_type() == "class" or table.get_name() in COMPREHENSIONS


def _globals_read(table: Scope) -> set[str]:
    return {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and symbol.is_global()
    }


def _imported(symbol: symtable.Symbol) -> bool:
    return symbol.is_imported()


def is_star_import(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.names[0].name == "*"


def executed(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes that are evaluated when the statement is: no bodies of functions."""
    queue = [node]
    while queue:
        item = queue.pop()
        yield item
        if isinstance(item, Function):
            queue += [*item.decorator_list, *_defaults(item.args)]
        elif isinstance(item, ast.Lambda):
            queue += _defaults(item.args)
        else:
            queue += ast.iter_child_nodes(item)


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *filter(None, arguments.kw_defaults)]


def root(node: ast.expr) -> str | None:
    """The name at the bottom of ``a.b[0].c``, if there is one."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def unfinished(node: ast.stmt) -> frozenset[str]:
    """The function itself, or methods of the class, that nobody has written yet."""
    body = node.body if isinstance(node, ast.ClassDef) else [node]
    functions = [item for item in body if isinstance(item, Function)]
    return frozenset(item.name for item in functions if _always_raises(item))


def _always_raises(function: Function) -> bool:
    """Whether every call ends in the ``raise NotImplementedError`` of a starter.

    A branch that is not supported may well raise it: only a statement of the body
    itself counts, and only if nothing before it can return.
    """
    for statement in function.body:
        if isinstance(statement, ast.Raise) and _is_placeholder(statement.exc):
            return True
        if any(
            isinstance(node, ast.Return | ast.Yield | ast.YieldFrom)
            for node in executed(statement)
        ):
            return False
    return False


def _is_placeholder(raised: ast.expr | None) -> bool:
    if isinstance(raised, ast.Call):
        raised = raised.func
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
