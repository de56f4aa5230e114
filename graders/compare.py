"""Comparison of an untrusted answer with the expected one: attributes, then values.

The order is structure, type, shape, dtype, finiteness, values; the first difference
is the one reported. An element may be off by ``rel * (|expected| + scale)``, where
``scale`` is the root mean square of the expected tensor: an answer of constant zeros
is therefore wrong however small the expected numbers are. Nothing is broadcast, no
count is cut short, and a comparison of no elements at all is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from exercises.spec import Tolerance
from graders.errors import ExerciseBroken
from graders.mismatch import Difference, Mismatch, Path, Worst
from graders.sandbox.session import Opaque
from graders.trees import map_leaves

# Looser than the rounding of a differently ordered sum, far tighter than a mistake.
RELATIVE = {
    torch.float64: 1e-9,
    torch.float32: 1e-4,
    torch.bfloat16: 2e-2,
    torch.float16: 2e-3,
    torch.complex128: 1e-9,
    torch.complex64: 1e-4,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing came to; ``mismatch`` is None when the answer is right."""

    compared: int  # elements whose values were compared
    mismatch: Mismatch | None = None

    @property
    def matched(self) -> bool:
        return self.mismatch is None


def compare(
    actual: Any, expected: Any, tolerance: Tolerance | None = None
) -> Comparison:
    """Hold ``actual`` against ``expected``.

    Raises:
        ExerciseBroken: ``expected`` holds no element, so anything would match, or
            holds NaN, so nothing would.
    """
    _refuse_unusable(expected)
    return _compared(actual, expected, tolerance or Tolerance())


def _compared(actual: Any, expected: Any, tolerance: Tolerance) -> Comparison:
    attributes = compare_attributes(actual, expected)
    if attributes.mismatch:
        return attributes
    pairs = list(_leaves(actual, expected, ()))
    compared = sum(_elements(wanted) for _, _, wanted in pairs)
    for path, came, wanted in pairs:
        if mismatch := _values(came, wanted, path, tolerance):
            return Comparison(compared, mismatch)
    return Comparison(compared)


def compare_attributes(actual: Any, expected: Any) -> Comparison:
    """Compare structure, types, shapes, dtypes and where infinities are.

    Parts of a dict are looked at one after the other: a gradient that is missing
    because the output has the wrong shape is told as a wrong shape.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        common = [key for key in expected if key in actual]
        found = (_attributes(actual[key], expected[key], (key,)) for key in common)
        mismatch = next(filter(None, found), None)
        return Comparison(0, mismatch or _structure(actual, expected, ()))
    return Comparison(0, _attributes(actual, expected, ()))


def _attributes(actual: Any, expected: Any, path: Path) -> Mismatch | None:
    if mismatch := _structure(actual, expected, path):
        return mismatch
    for stage in (_shape, _dtype, _finiteness):
        for where, came, wanted in _leaves(actual, expected, path):
            if mismatch := stage(came, wanted, where):
                return mismatch
    return None


def same_answer(one: Any, other: Any, tolerance: Tolerance) -> bool:
    """Whether two wrong answers are wrong alike; here NaN in one place is alike."""
    where = map_leaves(_is_nan, one), map_leaves(_is_nan, other)
    rest = map_leaves(_without_nan, one), map_leaves(_without_nan, other)
    return all(_compared(*pair, tolerance).matched for pair in (where, rest))


def _is_nan(leaf: Any) -> Any:
    if isinstance(leaf, Tensor):
        return torch.isnan(leaf)
    return isinstance(leaf, float) and math.isnan(leaf)


def _without_nan(leaf: Any) -> Any:
    if isinstance(leaf, Tensor):
        return leaf.detach().masked_fill(torch.isnan(leaf), 0)
    return 0.0 if _is_nan(leaf) else leaf  # pragma: no mutate (any number will do)


def _refuse_unusable(expected: Any) -> None:
    leaves = [wanted for _, _, wanted in _leaves(expected, expected, ())]
    if not sum(map(_elements, leaves)):
        raise ExerciseBroken("the expected answer is empty: nothing to compare")
    for leaf in leaves:
        if isinstance(leaf, Tensor | float) and torch.isnan(_as_tensor(leaf)).any():
            raise ExerciseBroken("the expected answer has NaN, which nothing matches")


def _structure(actual: Any, expected: Any, path: Path) -> Mismatch | None:
    """Containers agree in type, length and keys; leaves agree in type."""
    if not _same_kind(actual, expected):
        return Mismatch(Difference.TYPE, path, kind_of(expected), kind_of(actual))
    if isinstance(expected, dict):
        if set(actual) != set(expected):
            keys = sorted(map(str, expected)), sorted(map(str, actual))
            return Mismatch(Difference.KEYS, path, *keys)
        children = [(key, actual[key], expected[key]) for key in expected]
    elif isinstance(expected, list | tuple):
        if len(actual) != len(expected):
            return Mismatch(Difference.COUNT, path, len(expected), len(actual))
        children = [(i, actual[i], expected[i]) for i in range(len(expected))]
    else:
        children = []
    found = (_structure(came, wanted, (*path, key)) for key, came, wanted in children)
    return next(filter(None, found), None)


def kind_of(value: Any) -> str:
    """The type as the wire sees it: tuples travel as lists."""
    if isinstance(value, Tensor):
        return "tensor"
    if isinstance(value, list | tuple):
        return "list"
    return str(getattr(value, "type_name", type(value).__name__))


def _same_kind(actual: Any, expected: Any) -> bool:
    """A whole number will do where a Python float is expected.

    A class may be named anything, "tensor" too: an object of one equals nothing.
    """
    if isinstance(actual, Opaque):
        return False
    kinds = kind_of(actual), kind_of(expected)
    return kinds[0] == kinds[1] or kinds == ("int", "float")


def _leaves(actual: Any, expected: Any, path: Path) -> Iterator[tuple[Path, Any, Any]]:
    if isinstance(expected, dict):
        for key in expected:
            yield from _leaves(actual[key], expected[key], (*path, key))
    elif isinstance(expected, list | tuple):
        for i in range(len(expected)):
            yield from _leaves(actual[i], expected[i], (*path, i))
    else:
        yield path, actual, expected


def _elements(value: Any) -> int:
    return value.numel() if isinstance(value, Tensor) else 1


def _shape(actual: Any, expected: Any, path: Path) -> Mismatch | None:
    if not isinstance(expected, Tensor) or actual.shape == expected.shape:
        return None
    shapes = tuple(expected.shape), tuple(actual.shape)
    return Mismatch(Difference.SHAPE, path, *shapes)


def _dtype(actual: Any, expected: Any, path: Path) -> Mismatch | None:
    if not isinstance(expected, Tensor) or actual.dtype == expected.dtype:
        return None
    wanted, came = (str(t.dtype).removeprefix("torch.") for t in (expected, actual))
    return Mismatch(Difference.DTYPE, path, wanted, came)


def _finiteness(actual: Any, expected: Any, path: Path) -> Mismatch | None:
    """NaN matches nothing; infinity matches the same infinity in the same place."""
    if not isinstance(expected, Tensor | float):
        return None
    came, wanted = _as_tensor(actual), _as_tensor(expected)
    if _all_finite(came) and _all_finite(wanted):
        return None
    wrong = torch.isnan(came) | (
        (torch.isinf(came) | torch.isinf(wanted)) & (came != wanted)
    )
    if not wrong.any():
        return None
    worst = _worst(came, wanted, wrong.float(), torch.zeros_like(wrong), wrong)
    return Mismatch(Difference.NOT_FINITE, path, None, None, worst)


def _all_finite(x: Tensor) -> bool:
    """Whether there is a shorter way; the long one comes to the same."""
    return bool(torch.isfinite(x).all())  # pragma: no mutate


def _values(
    actual: Any, expected: Any, path: Path, tolerance: Tolerance
) -> Mismatch | None:
    if not isinstance(expected, Tensor | float):
        return _exact(actual, expected, path)
    came, wanted = _as_tensor(actual), _as_tensor(expected)
    same = came == wanted  # also equal infinities, and whole numbers above 2**53
    allowed = _allowance(wanted, tolerance)
    came, wanted = _widened(came), _widened(wanted)
    error = (came - wanted).abs()
    wrong = ~same & ((allowed == 0) | ~(error <= allowed))
    if not wrong.any():
        return None
    worst = _worst(came, wanted, error - allowed, allowed, wrong)
    return Mismatch(Difference.VALUES, path, None, None, worst)


def _exact(actual: Any, expected: Any, path: Path) -> Mismatch | None:
    """Integers, strings and booleans outside tensors."""
    if actual == expected:
        return None
    return Mismatch(Difference.VALUES, path, expected, actual)


def _allowance(expected: Tensor, tolerance: Tolerance) -> Tensor:
    """How far each element may be off; whole numbers must be exact."""
    rel = tolerance.rel
    if rel is None:
        rel = RELATIVE.get(expected.dtype, 0.0)
    size = _widened(expected).abs()
    if _all_finite(size):
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


def _worst(
    actual: Tensor, expected: Tensor, excess: Tensor, allowed: Tensor, wrong: Tensor
) -> Worst:
    ranked = torch.where(wrong, excess, torch.full_like(excess, -math.inf))
    at = int(ranked.reshape(-1).argmax())
    came = _number(actual.reshape(-1)[at])
    wanted = _number(expected.reshape(-1)[at])
    error = abs(came - wanted)
    return Worst(
        index=tuple(int(i) for i in torch.unravel_index(torch.tensor(at), wrong.shape)),
        actual=came,
        expected=wanted,
        error=error,
        relative_error=error / abs(wanted) if wanted else math.inf,
        allowance=float(allowed.reshape(-1)[at]),
        mismatched=int(wrong.sum()),
        compared=wrong.numel(),
    )


def _number(element: Tensor) -> float:
    """A complex element is shown by its real part: the index is what matters."""
    return float(element.item().real)


def _as_tensor(value: Any) -> Tensor:
    if isinstance(value, Tensor):
        return value.detach()
    return torch.tensor(float(value), dtype=torch.float64)


def _widened(x: Tensor) -> Tensor:
    return x.to(torch.promote_types(x.dtype, torch.float64))
