"""Two tensors element by element: how far off each is, and how far it may be.

An element may be off by ``rel * (|expected| + scale)``, where ``scale`` is the root
mean square of the expected tensor: an answer of constant zeros is therefore wrong
however small the expected numbers are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

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


class Deviation(NamedTuple):
    """Element by element: how far off, how far that may be, whether it is wrong."""

    error: Tensor
    allowed: Tensor
    wrong: Tensor


def deviation(
    actual: Tensor | float, expected: Tensor | float, tolerance: Tolerance
) -> Deviation:
    """Hold two tensors of one shape and dtype, or two numbers, against each other."""
    came, wanted = as_tensor(actual), as_tensor(expected)
    same = came == wanted  # also equal infinities, and whole numbers above 2**53
    allowed = _allowance(wanted, tolerance)
    error = (widened(came) - widened(wanted)).abs()
    return Deviation(error, allowed, ~same & ((allowed == 0) | ~(error <= allowed)))


def _allowance(expected: Tensor, tolerance: Tolerance) -> Tensor:
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
    """What counts as one: the root mean square, unless the exercise says.

    That of no elements is NaN, which then allows for no element.
    """
    if tolerance.scale is not None:
        return tolerance.scale
    return size.square().mean().sqrt().item()


def as_tensor(value: Any) -> Tensor:
    """The numbers alone; one outside a tensor counts as double precision."""
    if isinstance(value, Tensor):
        return value.detach()
    return torch.tensor(float(value), dtype=torch.float64)


def widened(x: Tensor) -> Tensor:
    return x.to(torch.promote_types(x.dtype, torch.float64))


def all_finite(x: Tensor) -> bool:
    """Whether there is a shorter way; the long one comes to the same."""
    return bool(torch.isfinite(x).all())  # pragma: no mutate
