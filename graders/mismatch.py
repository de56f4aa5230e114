"""How an answer can differ from the expected one: what, where, by how much."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Path = tuple[str | int, ...]  # keys and indices that lead into a tree


class Difference(StrEnum):
    """What differs, in the order in which it is looked at."""

    TYPE = "type"
    COUNT = "count"
    KEYS = "keys"
    SHAPE = "shape"
    DTYPE = "dtype"
    NOT_FINITE = "not_finite"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Worst:
    """The element that is furthest beyond its allowance."""

    index: tuple[int, ...]
    actual: float
    expected: float
    error: float
    relative_error: float
    allowance: float
    mismatched: int
    compared: int


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first difference found, and where in the answer it is."""

    difference: Difference
    path: Path
    expected: Any  # a type, count, keys, shape or dtype; None for values
    actual: Any
    worst: Worst | None = None
