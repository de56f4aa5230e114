"""Arithmetic that rounds every result up or down by chance (Monte Carlo arithmetic).

Theory of operation
-------------------
Two right solutions differ by the order of their operations, that is, by which way each
intermediate result was rounded. So the reference is run in float64, and whatever an
operator returns, forward or backward, is moved to a float32 number a few units in the
last place away, at random. What is a float32 number already stays: exact arithmetic,
copies, views and choices are exact in every order of operations. The spread of the
outputs is then what rounding can do to a right solution, including where terms cancel:
noise added to the output alone would not show that.

Source: D. S. Parker, "Monte Carlo Arithmetic", UCLA report CSD-970002, 1997.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Generator, Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

UNITS = 4  # in the last place: a short sum in another order is off by as much


class RandomRounding(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, float64 results are rounded to ``dtype`` by chance."""

    def __init__(self, dtype: torch.dtype, generator: Generator) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._dtype, self._generator = dtype, generator

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here; else dynamo wraps every call

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, Tensor) and leaf.dtype == torch.float64:
                self._round(leaf)
        return result

    def _round(self, x: Tensor) -> None:
        """In place, so that views and in-place operators stay what they are."""
        inexact = torch.isfinite(x) & (x.to(self._dtype) != x)
        if inexact.any():
            noise = torch.rand(x.shape, generator=self._generator, dtype=x.dtype)
            unit = torch.finfo(self._dtype).eps * UNITS
            moved = x * (1 + unit * (2 * noise - 1))
            x.copy_(torch.where(inexact, moved.to(self._dtype).to(x.dtype), x))
