"""Mistakes that anybody makes with any formula, recognised at a few points.

The same list as for numbers where it makes sense for both. A factor is looked for in
the key's *values*; another base of a logarithm, or a count that begins elsewhere, in
the key with that one thing changed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache

from quizsite.lib.evaluation import Walk
from quizsite.lib.expressions import Expression, ExpressionError, parse_expression
from quizsite.lib.formulas.equality import Formula
from quizsite.lib.formulas.points import Sampled, same
from quizsite.lib.formulas.precise import DIGITS, Real, arithmetic
from quizsite.quizzes.near_misses import Near
from quizsite.quizzes.types.usual import LOGARITHMS, the_only

LOOKED_AT = 3  # points
MAX_SHIFTED = 3  # symbols that are counts

# What may be made of the key's value k.
_CHANGES = {
    "sign": ("-k",),
    "factor-two": ("2*k", "k/2"),
    "off-by-one": ("k + 1", "k - 1"),
    "percent": ("100*k", "k/100"),
    "reciprocal": ("1/k",),
    "log-base": ("k*ln(2)", "k/ln(2)", "k*ln(10)", "k/ln(10)", "k*log2(10)", "k*lg(2)"),
}
_BASES = (("ln", "log"), ("log2",), ("log10", "lg"))


def near_formula(given: Formula, wanted: Formula, whole: Iterable[str]) -> Near:
    """What one kind of mistake explains; ``whole``: symbols that are counts."""
    shifted = tuple(whole)[:MAX_SHIFTED]
    try:
        return the_only(_kinds(given.sampled, wanted, shifted))
    except ExpressionError:  # not defined where it is looked at
        return the_only(())


def _kinds(given: Sampled, wanted: Formula, whole: tuple[str, ...]) -> Iterator[str]:
    looked_at = range(min(LOOKED_AT, len(wanted.points)))
    values = [given.at(index) for index in looked_at]
    keys = [wanted.sampled.at(index) for index in looked_at]
    for kind, changes in _CHANGES.items():
        possible = kind != "log-base" or LOGARITHMS & wanted.expression.functions
        if possible and any(_changed_so(one, keys, values) for one in changes):
            yield kind
    for kind, slipped in _slipped(wanted.expression, whole):
        other = Sampled(slipped, wanted.points)
        if all(_same_at(other, index, values[index]) for index in looked_at):
            yield kind


def _changed_so(change: str, keys: list[Real], values: list[Real]) -> bool:
    tree = parse_expression(change).tree
    for key, value in zip(keys, values, strict=True):
        try:
            changed = Walk({"k": key}, arithmetic(DIGITS)).value(tree)
        except ExpressionError:
            return False
        if not same(changed, value):
            return False
    return True


def _same_at(slipped: Sampled, index: int, value: Real) -> bool:
    try:
        return same(slipped.at(index), value)
    except ExpressionError:
        return False


@lru_cache(maxsize=512)
def _slipped(key: Expression, whole: tuple[str, ...]) -> list[tuple[str, Expression]]:
    """The key with one thing changed, and what kind of mistake that is."""
    changed = [("log-base", one) for one in _other_bases(key)]
    for name in whole:
        for shifted in (f"{name} - 1", f"{name} + 1"):
            trees = {name: parse_expression(shifted).tree}
            changed.append(("off-by-one", _changed(key, _Substituted(trees))))
    return changed


def _other_bases(key: Expression) -> Iterator[Expression]:
    for used in _BASES:
        if key.functions.intersection(used):
            for other in _BASES:
                if other != used:
                    yield _changed(key, _Renamed(used, other[0]))


def _changed(expression: Expression, change: ast.NodeTransformer) -> Expression:
    return replace(expression, tree=change.visit(deepcopy(expression.tree)))


class _Renamed(ast.NodeTransformer):
    """One function, whatever it is called, in the place of another."""

    def __init__(self, old: tuple[str, ...], new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.new if node.id in self.old else node.id, node.ctx)


class _Substituted(ast.NodeTransformer):
    def __init__(self, trees: dict[str, ast.expr]) -> None:
        self.trees = trees

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.trees.get(node.id, node)
