"""Static check for APIs that an exercise forbids.

Names are followed through imports, aliases, ``from`` imports, assignments of every
form, defaults of arguments, attribute chains, and ``getattr``, ``attrgetter`` and
``__dict__`` with a literal. It is a fence for people who play by the rules, with a
precise message; what hides from it is met at run time by the trace of operators. Free
of torch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

# Ways to reach any API without naming it; forbidden wherever something is.
BACK_DOORS = {
    "importlib*": "импорт по вычисляемому имени",
    "builtins*": "доступ ко встроенным именам через модуль",
    "sys.modules*": "доступ к модулям в обход import",
    "torch.ops*": "прямой вызов операций в обход обычных функций",
    "torch._C*": "внутренности PyTorch",
    "torch.utils.cpp_extension*": "сборка своих расширений",
}
# Longer names are nobody's API; without a bound a source made of them would keep us
# busy for minutes and fill our memory.
PARTS, CHARACTERS = 8, 200
BACK_DOOR_NAMES = ("__import__", "eval", "exec", "compile", "globals", "vars")


@dataclass(frozen=True, slots=True)
class Violation:
    """A forbidden name and where it is used."""

    name: str
    line: int
    reason: str = ""  # Russian; empty for the exercise's own list

    def __str__(self) -> str:
        why = f" ({self.reason})" if self.reason else ""
        return f"в этом задании нельзя использовать {self.name}{why}."


def violations(tree: ast.Module, patterns: Sequence[str]) -> list[Violation]:
    """Every use of a forbidden name, by line; none if nothing is forbidden."""
    if not patterns:
        return []
    finder = _Finder(patterns)
    nodes = list(ast.walk(tree))
    finder.learn(nodes)
    for node in nodes:
        finder.look(node)
    return sorted(finder.found, key=lambda violation: violation.line)


class _Finder:
    """What the names of a module stand for, and which forbidden ones were met."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        self.meaning: dict[str, str] = {}  # name in the source -> dotted name
        self.found: set[Violation] = set()

    def learn(self, nodes: Sequence[ast.AST]) -> None:
        """Imports first, then assignments such as ``sdpa = F.scaled_dot_…``."""
        for node in nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._learn_import(node)
        for node in nodes:
            for target, value in _bindings(node):
                self._learn_assignment(target, value)

    def _learn_import(self, node: ast.Import | ast.ImportFrom) -> None:
        prefix = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            full = prefix + alias.name
            if alias.asname or prefix:
                self.meaning[alias.asname or alias.name] = full
            else:
                root = full.partition(".")[0]
                self.meaning[root] = root

    def _learn_assignment(self, target: ast.expr, value: ast.expr) -> None:
        """Names and attributes: ``self.F`` is known wherever it is written so."""
        name = self.resolve(value)
        if isinstance(target, ast.Name) and name:
            self.meaning[target.id] = name
        elif isinstance(target, ast.Attribute) and name and _is_self(target.value):
            self.meaning[f"self.{target.attr}"] = name

    def look(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            self._report((alias.name for alias in node.names), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            self._look_from(node)
        elif isinstance(node, ast.Attribute | ast.Name | ast.Call | ast.Subscript):
            self._look_expression(node)

    def _look_from(self, node: ast.ImportFrom) -> None:
        names = [f"{node.module}.{alias.name}" for alias in node.names]
        self._report(names, node.lineno)
        if any(alias.name == "*" for alias in node.names):
            hidden = any(p.startswith(f"{node.module}.") for p in self.patterns)
            if hidden:
                reason = "импортируйте нужные имена по одному"
                star = f"from {node.module} import *"
                self.found.add(Violation(star, node.lineno, reason))

    def _look_expression(self, node: ast.expr) -> None:
        if isinstance(node, ast.Name) and node.id in BACK_DOOR_NAMES:
            reason = "обход списка запрещённых имён"
            self.found.add(Violation(node.id, node.lineno, reason))
        if isinstance(node, ast.Call) and self._computed_getattr(node):
            reason = "имя вычисляется при исполнении"
            self.found.add(Violation("getattr", node.lineno, reason))
        if name := self.resolve(node):
            self._report([name], node.lineno)

    def _computed_getattr(self, node: ast.Call) -> bool:
        """``getattr(F, "conv" + "2d")``: an unreadable name from torch."""
        if not _is_getattr(node) or isinstance(node.args[1], ast.Constant):
            return False
        return (self.resolve(node.args[0]) or "").partition(".")[0] == "torch"

    def resolve(self, node: ast.expr, parts: int = PARTS) -> str | None:
        """The dotted name that an expression stands for, if it is one."""
        if isinstance(node, ast.Name):
            return self.meaning.get(node.id)
        if isinstance(node, ast.NamedExpr):
            return self.resolve(node.value, parts)
        inner = _inner_name(node)
        if inner and _is_self(inner[0]):
            return self.meaning.get(f"self.{inner[1]}")
        owner = self.resolve(inner[0], parts - 1) if inner and parts else None
        if not inner or not owner:
            return None
        name = f"{owner}.{inner[1]}"
        return name if len(name) <= CHARACTERS else None

    def _report(self, names: Iterable[str], line: int) -> None:
        for name in names:
            if any(covers(pattern, name) for pattern in self.patterns):
                self.found.add(Violation(name, line))
            for pattern, reason in BACK_DOORS.items():
                if fnmatchcase(name, pattern):
                    self.found.add(Violation(name, line, reason))


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Names that a node binds to expressions, as pairs."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _pairs(target, node.value)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
        yield node.target, node.value
    elif isinstance(node, ast.For | ast.comprehension):
        for item in getattr(node.iter, "elts", ()):
            yield node.target, item
    elif isinstance(node, ast.arguments):
        yield from _defaults(node)


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """``a, b = x, y`` is two assignments."""
    sequence = ast.Tuple | ast.List
    if isinstance(target, sequence) and isinstance(value, sequence):
        if len(target.elts) == len(value.elts):
            yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _defaults(node: ast.arguments) -> Iterator[tuple[ast.expr, ast.expr]]:
    positional = [*node.posonlyargs, *node.args]
    with_default = positional[len(positional) - len(node.defaults) :]
    pairs = [*zip(with_default, node.defaults, strict=True)]
    pairs += [
        (argument, default)
        for argument, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)
        if default
    ]
    for argument, default in pairs:
        yield ast.Name(argument.arg), default


def _inner_name(node: ast.expr) -> tuple[ast.expr, str] | None:
    """The owner and the attribute in ``owner.name`` or ``getattr(owner, "name")``."""
    match node:
        case ast.Attribute(value=owner, attr=name):
            return owner, name
        case ast.Subscript(
            value=ast.Attribute(value=owner, attr="__dict__"),
            slice=ast.Constant(value=str(name)),
        ):
            return owner, name
        case ast.Call(args=[owner, ast.Constant(value=name), *_]) if _is_getattr(node):
            return owner, str(name)
        case ast.Call(
            func=ast.Call(func=getter, args=[ast.Constant(value=str(name))]),
            args=[owner],
        ) if _is_attrgetter(getter):
            return owner, name
    return None


def covers(pattern: str, name: str) -> bool:
    """A pattern covers what matches it and everything inside that."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def _is_attrgetter(node: ast.expr) -> bool:
    """``attrgetter("nn.functional.conv2d")``, however it was imported."""
    return getattr(node, "attr", getattr(node, "id", "")) == "attrgetter"


def _is_getattr(node: ast.Call) -> bool:
    is_name = isinstance(node.func, ast.Name) and node.func.id == "getattr"
    return is_name and len(node.args) >= 2
