"""Properties that an answer may be asked for instead of values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

# Given the returned value and the case's inputs: nothing, or what is wrong (Russian).
# It is called only when structure, shapes and dtypes equal the reference's.
Property = Callable[[Any, Mapping[str, Any]], str | None]


def rule(message: str, holds: Callable[[Any, Mapping[str, Any]], bool]) -> Property:
    """A property that is told with ``message`` (Russian) when it does not hold."""

    def judged(value: Any, inputs: Mapping[str, Any]) -> str | None:
        return None if holds(value, inputs) else message

    judged.__name__ = message  # a known mistake breaks the same rule
    return judged


def close(x: Tensor, y: Tensor, rel: float = 1e-4) -> bool:
    """Whether two tensors are equal up to rounding, relative to their size."""
    worst, size = (x - y).abs().max(), y.square().mean().sqrt()
    return float(worst) <= rel * float(size)


def by_chance(hits: Tensor, p: float, sigmas: float = 5) -> bool:
    """Whether the share of hits is as near to ``p`` as chance has it."""
    sigma = math.sqrt(p * (1 - p) / hits.numel())
    return abs(float(hits.float().mean()) - p) <= sigmas * sigma


def independent(hits: Tensor, p: float) -> bool:
    """Whether neighbours along each axis are both hit as often as chance has it."""
    for axis, size in enumerate(hits.shape):
        rows = hits.transpose(0, axis)[: size // 2 * 2]
        # Pairs that do not overlap: those that do would not be independent.
        if size > 1 and not by_chance(rows[0::2] & rows[1::2], p * p):
            return False
    return True
