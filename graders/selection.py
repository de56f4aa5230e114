"""Which statements of a notebook the required definitions need.

Kept are imports, functions, classes, assignments of simple constants and patches of
a needed name (``Net.forward = forward``); everything else is an experiment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graders.cells import Cell

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
SIMPLE = (
    ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Dict, ast.Set,
    ast.Name, ast.Attribute, ast.Subscript, ast.operator, ast.unaryop,
    ast.expr_context,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement worth keeping, and the names it binds and uses."""

    cell: int
    line: int  # of the cell, where it begins
    text: str
    binds: frozenset[str]
    uses: frozenset[str]
    patches: bool = False  # sets an attribute of what it «binds»


def needed_statements(
    cells: Sequence[tuple[Cell, ast.Module]], requires: Sequence[str]
) -> list[Statement]:
    """The needed statements, in the notebook's order."""
    candidates = [
        statement for cell, tree in cells for statement in _statements(cell, tree)
    ]
    latest: dict[str, list[int]] = {}
    for index, statement in enumerate(candidates):
        for name in statement.binds:
            if not statement.patches:
                latest[name] = []  # a later definition replaces earlier ones
            latest.setdefault(name, []).append(index)
    if not all(name in latest for name in requires):
        return []
    chosen = _closure(candidates, latest, requires)
    return [candidates[i] for i in sorted(chosen)]


def _closure(
    candidates: Sequence[Statement],
    latest: dict[str, list[int]],
    requires: Sequence[str],
) -> set[int]:
    """Indices of everything that the required names reach."""
    chosen: set[int] = set()
    queue = list(requires)
    seen = set(queue)
    while queue:
        for index in latest.get(queue.pop(), ()):
            chosen.add(index)
            fresh = candidates[index].uses - seen
            seen |= fresh
            queue.extend(fresh)
    return chosen


def _statements(cell: Cell, tree: ast.Module) -> Iterator[Statement]:
    lines = cell.text.encode().split(b"\n")
    for node in tree.body:
        binds = _binds(node)
        if binds:
            patches = isinstance(node, ast.Assign) and _is_patch(node)
            first, column = _beginning(node)
            text = _text(lines, node, first, column)
            yield Statement(cell.number, first, text, binds, _uses(node), patches)


def _binds(node: ast.stmt) -> frozenset[str]:
    """Names that a statement worth keeping binds; empty for an experiment."""
    if isinstance(node, Definition):
        return frozenset({node.name})
    if isinstance(node, ast.Import | ast.ImportFrom):
        return frozenset(_import_names(node))
    if isinstance(node, ast.Try) and _only_imports(node):
        imports = (item for item in ast.walk(node) if isinstance(item, ast.alias))
        return frozenset(a.asname or a.name.partition(".")[0] for a in imports)
    if isinstance(node, ast.Assign) and (_is_patch(node) or _is_simple(node.value)):
        return frozenset(_target_names(node.targets))
    if isinstance(node, ast.AnnAssign) and node.value and _is_simple(node.value):
        return frozenset(_target_names([node.target]))
    return frozenset()


def _import_names(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    for alias in node.names:
        yield alias.asname or alias.name.partition(".")[0]


def _only_imports(node: ast.Try) -> bool:
    bodies = [*node.body, *(item for h in node.handlers for item in h.body)]
    allowed = (ast.Import, ast.ImportFrom, ast.Pass, ast.Assign)
    return all(isinstance(item, allowed) for item in bodies)


def _is_patch(node: ast.Assign) -> bool:
    """``Net.forward = forward``"""
    target = node.targets[0]
    return (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and isinstance(node.value, ast.Name | ast.Attribute | ast.Lambda)
    )


def _is_simple(value: ast.expr) -> bool:
    """A constant, or a lambda: evaluating it costs and does nothing."""
    if isinstance(value, ast.Lambda):
        return True
    return all(isinstance(node, SIMPLE) for node in ast.walk(value))


def _target_names(targets: Sequence[ast.expr]) -> Iterator[str]:
    for target in targets:
        for node in ast.walk(target):
            if isinstance(node, ast.Name):
                yield node.id


def _uses(node: ast.stmt) -> frozenset[str]:
    return frozenset(item.id for item in ast.walk(node) if isinstance(item, ast.Name))


def _beginning(node: ast.stmt) -> tuple[int, int]:
    """Its first line and the column there, decorators included."""
    first, column = node.lineno, node.col_offset
    for decorator in getattr(node, "decorator_list", ()):
        first, column = min(first, decorator.lineno), 0
    return first, column


def _text(lines: list[bytes], node: ast.stmt, first: int, column: int) -> str:
    """The statement's own text; offsets are in bytes."""
    assert node.end_lineno is not None
    *above, last = lines[first - 1 : node.end_lineno]
    if not above:  # a long line may hold very many: none is copied for each
        return last[column : node.end_col_offset].decode()
    above[0] = above[0][column:]
    return b"\n".join([*above, last[: node.end_col_offset]]).decode()
