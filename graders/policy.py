"""Static check for APIs that an exercise forbids.

Names are followed through imports, aliases, ``from`` imports, simple assignments,
attribute chains and ``getattr`` with a literal. It is a fence for people who play by
the rules, with a precise message; what hides from it is met at run time by the
trace of operators. Free of torch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
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
        return (
            f"Строка {self.line}: в этом задании нельзя использовать {self.name}{why}."
        )


def violations(tree: ast.Module, patterns: Sequence[str]) -> list[Violation]:
    """Every use of a forbidden name, by line; none if nothing is forbidden."""
    if not patterns:
        return []
    finder = _Finder(patterns)
    finder.learn(tree)
    for node in ast.walk(tree):
        finder.look(node)
    return sorted(finder.found, key=lambda violation: violation.line)


class _Finder:
    """What the names of a module stand for, and which forbidden ones were met."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns
        self.meaning: dict[str, str] = {}  # name in the source -> dotted name
        self.found: set[Violation] = set()

    def learn(self, tree: ast.Module) -> None:
        """Imports first, then assignments such as ``sdpa = F.scaled_dot_…``."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._learn_import(node)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                self._learn_assignment(node.targets[0], node.value)

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
        name = self.resolve(value)
        if isinstance(target, ast.Name) and name:
            self.meaning[target.id] = name

    def look(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            self._report((alias.name for alias in node.names), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            self._look_from(node)
        elif isinstance(node, ast.Attribute | ast.Name | ast.Call):
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

    def _look_expression(self, node: ast.Attribute | ast.Name | ast.Call) -> None:
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
        inner = _inner_name(node)
        owner = self.resolve(inner[0], parts - 1) if inner and parts else None
        if not inner or not owner:
            return None
        name = f"{owner}.{inner[1]}"
        return name if len(name) <= CHARACTERS else None

    def _report(self, names: Iterable[str], line: int) -> None:
        for name in names:
            if any(_covers(pattern, name) for pattern in self.patterns):
                self.found.add(Violation(name, line))
            for pattern, reason in BACK_DOORS.items():
                if fnmatchcase(name, pattern):
                    self.found.add(Violation(name, line, reason))


def _inner_name(node: ast.expr) -> tuple[ast.expr, str] | None:
    """The owner and the attribute in ``owner.name`` or ``getattr(owner, "name")``."""
    if isinstance(node, ast.Attribute):
        return node.value, node.attr
    if isinstance(node, ast.Call) and _is_getattr(node):
        owner, attribute = node.args[:2]
        if isinstance(attribute, ast.Constant):
            return owner, str(attribute.value)
    return None


def _covers(pattern: str, name: str) -> bool:
    """A pattern covers what matches it and everything inside that."""
    return fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")


def _is_getattr(node: ast.Call) -> bool:
    is_name = isinstance(node.func, ast.Name) and node.func.id == "getattr"
    return is_name and len(node.args) >= 2
