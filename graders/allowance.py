"""How far an answer may be off: ``rel * (|expected| + scale)`` for each element.

``scale`` is the root mean square of the expected tensor: an answer of constant zeros
is therefore wrong however small the expected numbers are.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from exercises.spec import Tolerance

# Looser than the rounding of a differently ordered sum, far tighter than a mistake.
RELATIVE = {
    torch.float64: 1e-9,
    torch.float32: 1e-4,
    torch.bfloat16: 2e-2,
    torch.float16: 2e-3,
    torch.complex128: 1e-9,
    torch.complex64: 1e-4,
}


def allowance(expected: Tensor, tolerance: Tolerance) -> Tensor:
    """How far each element may be off; whole numbers must be exact."""
    rel = tolerance.rel
    if rel is None:
        rel = RELATIVE.get(expected.dtype, 0.0)
    size = widened(expected).abs()
    if all_finite(size):
        return rel * (size + _scale(size, tolerance))
    finite = torch.isfinite(size)
    allowed = rel * (size + _scale(size[finite], tolerance))
    return torch.where(finite, allowed, torch.zeros_like(size))


def _scale(size: Tensor, tolerance: Tolerance) -> float:
    """What counts as one: the root mean square, unless the exercise says."""
    if tolerance.scale is not None:
        return tolerance.scale
    return size.square().mean().sqrt().item() if size.numel() else 0.0


def as_tensor(value: Any) -> Tensor:
    """A number as a tensor of float64, a tensor without its graph."""
    if isinstance(value, Tensor):
        return value.detach()
    return torch.tensor(float(value), dtype=torch.float64)


def widened(x: Tensor) -> Tensor:
    """The same numbers in double precision."""
    return x.to(torch.complex128 if x.is_complex() else torch.float64)


def all_finite(x: Tensor) -> bool:
    return bool(torch.isfinite(x).all())
