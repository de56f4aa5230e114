"""The statements of a notebook's cells that a solution may be made of.

Assertions, prints, plots and other bare calls are experiments and leave no
:class:`Statement`. What defines a name replaces what defined it before; what *extends*
a name (``class Net(Net)``, ``Net.forward = forward``, ``TABLE[0] = 1``) needs it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from graders.blocks import Block
from graders.names import (
    Function,
    executed,
    is_star_import,
    names_of,
    root,
    unfinished,
)
from graders.places import Span


class Kind(StrEnum):
    """How a name comes to be."""

    FUNCTION = "function"
    CLASS = "class"
    CONSTANT = (
        "constant"  # a literal, or a lambda: evaluating it costs and does nothing
    )
    IMPORT = "import"
    COMPUTED = "computed"  # any other value; an experiment may use the name too


OWN = frozenset(Kind) - {Kind.IMPORT}
CLASSES = frozenset({Kind.CLASS})
SIMPLE = (
    ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Dict, ast.Set,
    ast.Name, ast.Attribute, ast.Subscript, ast.operator, ast.unaryop,
    ast.expr_context,
)  # fmt: skip
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Extension:
    """What a statement adds to a name that is defined elsewhere."""

    attributes: frozenset[str] | None = None  # None: it cannot be told which
    of: frozenset[Kind] = OWN  # what it may extend; else it is something else


@dataclass(frozen=True, slots=True)
class Statement:
    """A top-level statement worth keeping."""

    spans: tuple[Span, ...]  # more than one where cells were joined
    text: str
    kind: Kind
    binds: frozenset[str]
    now: frozenset[str]  # names read when it is executed
    later: frozenset[str]  # names read when what it defines is called
    extends: Mapping[str, Extension]
    provides: frozenset[str]  # attributes that a class has
    unfinished: frozenset[str]  # functions that would raise NotImplementedError
    calls: bool  # something is called when it is executed
    everywhere: str = ""  # "future" or "star": an import that touches every name

    @property
    def cells(self) -> tuple[int, ...]:
        return tuple(span.cell for span in self.spans)

    @property
    def cell(self) -> int:
        return self.cells[0]


def statements(block: Block) -> Iterator[Statement]:
    """What a cell, or several joined ones, adds to a notebook's names.

    Raises:
        SyntaxError: a statement parses and yet does not compile.
    """
    lines = block.text.encode().split(b"\n")
    for node in block.tree.body:
        if _is_experiment(node):
            continue
        made = _statement(block, node, _text(lines, node))
        if made.binds or made.extends or made.everywhere:
            yield made


def _statement(block: Block, node: ast.stmt, text: str) -> Statement:
    names = names_of(text)
    return Statement(
        spans=tuple(block.spans(_beginning(node)[0], node.end_lineno or node.lineno)),
        text=text,
        kind=_kind(node),
        binds=names.binds,
        now=names.now,
        later=names.later,
        extends=dict(_extensions(node, names.binds & names.now)),
        provides=_provided(node),
        unfinished=unfinished(node),
        calls=_calls(node),
        everywhere=_everywhere(node),
    )


def _is_experiment(node: ast.stmt) -> bool:
    """Whether it defines nothing that could be graded.

    ``if __name__ == "__main__"`` is true in a notebook and not where it is graded.
    """
    if isinstance(node, ast.Expr):
        return not _setattr_target(node.value)
    if isinstance(node, ast.If):
        return any(
            isinstance(item, ast.Name) and item.id == "__name__"
            for item in ast.walk(node.test)
        )
    return isinstance(node, ast.Assert | ast.Delete | ast.Pass | ast.Raise)


def _kind(node: ast.stmt) -> Kind:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return Kind.FUNCTION
        case ast.ClassDef():
            return Kind.CLASS
        case ast.Import() | ast.ImportFrom():
            return Kind.IMPORT
        case ast.Try() if _only_imports(node):
            return Kind.IMPORT
        case ast.Assign() | ast.AnnAssign() if _is_simple(node.value):
            return Kind.CONSTANT
    return Kind.COMPUTED


def _provided(node: ast.stmt) -> frozenset[str]:
    """What a class defines, its unfinished methods aside."""
    if not isinstance(node, ast.ClassDef):
        return frozenset()
    found = {item.name for item in node.body if isinstance(item, Definition)}
    for item in (item for part in node.body for item in executed(part)):
        if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store):
            found.add(item.id)
    return frozenset(found) - unfinished(node)


def _only_imports(node: ast.Try) -> bool:
    bodies = [*node.body, *(item for h in node.handlers for item in h.body)]
    allowed = (ast.Import, ast.ImportFrom, ast.Pass, ast.Assign)
    return all(isinstance(item, allowed) for item in bodies)


def _is_simple(value: ast.expr | None) -> bool:
    if value is None or isinstance(value, ast.Lambda):
        return True
    return all(isinstance(node, SIMPLE) for node in ast.walk(value))


def _everywhere(node: ast.stmt) -> str:
    if isinstance(node, ast.ImportFrom) and node.module == "__future__":
        return "future"
    return "star" if is_star_import(node) else ""


def _calls(node: ast.stmt) -> bool:
    decorated = isinstance(node, Function | ast.ClassDef) and node.decorator_list
    return bool(decorated) or any(isinstance(n, ast.Call) for n in executed(node))


# --- extensions ---------------------------------------------------------------


def _extensions(
    node: ast.stmt, reads_itself: frozenset[str]
) -> Iterator[tuple[str, Extension]]:
    match node:
        case ast.Import():
            yield from _submodules(node)
        case ast.ClassDef():
            # Not ``reads_itself``: methods' annotations may name the class.
            if node.name in _names_in([*node.bases, *node.decorator_list]):
                yield node.name, Extension(_provided(node), frozenset(Kind))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from _of_function(node)
        case ast.Expr():
            if target := _setattr_target(node.value):
                yield target
        case ast.Assign() | ast.AnnAssign():
            yield from _stored(node)
            for name in reads_itself - _called_names(node):
                yield name, Extension(None, frozenset(Kind))
        case ast.AugAssign() | ast.For() | ast.While() | ast.With() | ast.If():
            yield from _stored(node)


def _submodules(node: ast.Import) -> Iterator[tuple[str, Extension]]:
    """``import torch.utils.data`` adds to ``torch`` and replaces nothing."""
    for alias in node.names:
        top, _, rest = alias.name.partition(".")
        if rest and not alias.asname:
            yield top, Extension(frozenset({rest}), frozenset({Kind.IMPORT}))


def _of_function(node: Function) -> Iterator[tuple[str, Extension]]:
    """``@add_to_class(Net)``, ``@process.register``, ``def f(x, old=f)``."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(called, ast.Attribute) and (owner := root(called)):
            yield owner, Extension(frozenset({node.name}))
        if isinstance(decorator, ast.Call):
            for name in _names_in(decorator.args):
                yield name, Extension(frozenset({node.name}), CLASSES)
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    if node.name in _names_in(defaults):
        yield node.name, Extension(None, frozenset(Kind))


def _setattr_target(value: ast.expr) -> tuple[str, Extension] | None:
    """``setattr(Net, "forward", forward)``"""
    match value:
        case ast.Call(
            func=ast.Name(id="setattr"), args=[ast.Name(id=owner), ast.Constant(), _]
        ):
            attribute = value.args[1]
            assert isinstance(attribute, ast.Constant)
            return owner, Extension(frozenset({str(attribute.value)}))
    return None


def _stored(node: ast.stmt) -> Iterator[tuple[str, Extension]]:
    """Names whose attributes or items are set, or that are added to."""
    for item in executed(node):
        match item:
            case ast.AugAssign(target=ast.Name(id=name)):
                yield name, Extension(None, frozenset(Kind))
            case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store()):
                yield name, Extension(frozenset({item.attr}))
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                if owner := root(item):
                    yield owner, Extension()


def _names_in(expressions: list[ast.expr]) -> set[str]:
    nodes = (node for one in expressions for node in ast.walk(one))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _called_names(node: ast.stmt) -> set[str]:
    """``loss = loss(x, y)`` is an experiment with ``loss``, no new one."""
    calls = (item.func for item in executed(node) if isinstance(item, ast.Call))
    return {called.id for called in calls if isinstance(called, ast.Name)}


def _beginning(node: ast.stmt) -> tuple[int, int]:
    """Line and column of the statement, or of its first decorator's line."""
    first, column = node.lineno, node.col_offset
    for decorator in getattr(node, "decorator_list", ()):
        first, column = min(first, decorator.lineno), 0
    return first, column


def _text(lines: list[bytes], node: ast.stmt) -> str:
    """The statement's own text, decorators included; offsets are in bytes."""
    first, column = _beginning(node)
    assert node.end_lineno is not None
    *above, last = lines[first - 1 : node.end_lineno]
    if not above:  # a long line may hold very many: none is copied for each
        return last[column : node.end_col_offset].decode()
    above[0] = above[0][column:]
    return b"\n".join([*above, last[: node.end_col_offset]]).decode()
