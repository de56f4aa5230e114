"""Random inputs for cases, from the generator that a check is given."""

from __future__ import annotations

import torch
from torch import Generator, Tensor


def normal(g: Generator, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Independent standard normal numbers."""
    return torch.randn(shape, generator=g, dtype=dtype)


def uniform(g: Generator, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Independent numbers, uniform on [low, high)."""
    return torch.rand(shape, generator=g) * (high - low) + low


def integers(g: Generator, low: int, high: int, *shape: int) -> Tensor:
    """Independent whole numbers from [low, high)."""
    return torch.randint(low, high, shape, generator=g)


def strided(x: Tensor) -> Tensor:
    """The same values in memory that is not contiguous (last two axes swapped)."""
    return x.mT.contiguous().mT
