"""Where in a tensor the wrong elements are: for a student who wants to see a pattern.

Made of a failing check's answer and of what was expected. It is shown on hidden checks
too, and an answer may have been written so that its errors carry the inputs out; so it
says where and, in a few steps, how much: never what stood there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from exercises.spec import Tolerance
from graders.elements import Deviation, deviation, widened
from graders.words import listing

CELLS = 32  # of a map along one axis, at most
STEPS = 4  # of an error beyond its allowance
NOT_A_NUMBER = "n"
RANGES = 4  # of indices along one axis; more make no pattern
BEYOND, ON, BELOW = "above", "on", "below"


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The largest error in each cell of one slice, in steps of its allowance.

    A level is 0 where every element is within its allowance; 1, 2 and 3 up to so many
    times the allowance as ``bounds`` say, 4 beyond (just 1 where there is no allowance
    at all); «n» where an element is NaN or infinite and should not be.
    """

    index: tuple[int | None, ...]  # of the slice; None along the axes that are shown
    axes: tuple[int, ...]  # that are shown: of the rows and of the columns, or just one
    size: tuple[int, int]  # of the slice in elements; a vector is one row
    cell: tuple[int, int]  # of a cell in elements; those at the end may be smaller
    bounds: tuple[float, ...]
    levels: tuple[str, ...]  # a text for each row, in it a character for each cell
    worst: tuple[int, int]  # the cell of the worst element


@dataclass(frozen=True, slots=True)
class Survey:
    """What is told of wrong values beside the worst one."""

    largest_error: float | None  # of any wrong element; None if no number is wrong
    largest_relative_error: float | None  # the same, where zero was not expected
    ranges: dict[int, list[tuple[int, int]]]  # axis -> where; only axes that say more
    diagonal: str | None  # of the last two axes: errors only above it, on it, below it
    heat_map: HeatMap | None

    def facts(self) -> dict[str, Any]:
        """As JSON-able data."""
        return {
            "largest_error": self.largest_error,
            "largest_relative_error": self.largest_relative_error,
            "ranges": [
                {"axis": axis, "indices": indices}
                for axis, indices in self.ranges.items()
            ],
            "diagonal": self.diagonal,
            "heat_map": _facts(self.heat_map) if self.heat_map else None,
        }

    def told(self) -> str:
        """The pattern as a Russian sentence; nothing if there is none to see."""
        where = [DIAGONALS[self.diagonal]] if self.diagonal else []
        for axis, runs in self.ranges.items():
            one = len(runs) == 1 and runs[0][0] == runs[0][1]
            indices = "индексе" if one else "индексах"
            where.append(f"при {indices} {_spans(runs)} по оси {axis}")
        return f"Ошибки есть только {', '.join(where)}." if where else ""


DIAGONALS = {
    BEYOND: "выше диагонали последних двух осей",
    ON: "на диагонали последних двух осей",
    BELOW: "ниже диагонали последних двух осей",
}


def survey(
    actual: Tensor, expected: Tensor, tolerance: Tolerance, worst: tuple[int, ...]
) -> Survey:
    """Look at two tensors of one shape and dtype of which some elements differ."""
    off = deviation(actual, expected, tolerance)
    diagonal = _diagonal(off.wrong)
    return Survey(
        largest_error=_largest(off.error, off.wrong),
        largest_relative_error=_largest(
            off.error / widened(expected).abs(), off.wrong & (expected != 0)
        ),
        ranges=_ranges(off.wrong, off.wrong.ndim - 2 if diagonal else off.wrong.ndim),
        diagonal=diagonal,
        heat_map=_heat_map(off, actual, worst),
    )


def _facts(heat_map: HeatMap) -> dict[str, Any]:
    return {name: getattr(heat_map, name) for name in HeatMap.__dataclass_fields__}


def _largest(error: Tensor, where: Tensor) -> float | None:
    found = error[where & torch.isfinite(error)]
    return found.max().item() if found.numel() else None


def _ranges(wrong: Tensor, axes: int) -> dict[int, list[tuple[int, int]]]:
    """Along which of the first axes the errors keep to some of the indices."""
    if int(wrong.sum()) < 2:  # its index says it all
        return {}
    hit = {
        axis: wrong.movedim(axis, 0).reshape(size, -1).any(1).tolist()
        for axis, size in enumerate(wrong.shape[:axes])
    }
    found = {axis: _runs(hits) for axis, hits in hit.items() if not all(hits)}
    return {axis: runs for axis, runs in found.items() if len(runs) <= RANGES}


def _runs(hits: list[bool]) -> list[tuple[int, int]]:
    """Where the list is true: first and last index of each stretch."""
    runs: list[tuple[int, int]] = []
    for index, is_hit in enumerate(hits):
        if is_hit and runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        elif is_hit:
            runs.append((index, index))
    return runs


def _spans(runs: list[tuple[int, int]]) -> str:
    return listing([f"{a}" if a == b else f"{a}–{b}" for a, b in runs])


def _diagonal(wrong: Tensor) -> str | None:
    """On which side of it all errors are, if they are in several rows and columns."""
    if wrong.ndim < 2:
        return None
    plane = wrong.flatten(end_dim=-3).any(0) if wrong.ndim > 2 else wrong
    if min(int(plane.any(0).sum()), int(plane.any(1).sum())) < 2:
        return None
    for side, inside in (
        (ON, plane.triu() & plane.tril()),
        (BEYOND, plane.triu(1)),
        (BELOW, plane.tril(-1)),
    ):
        if torch.equal(inside, plane):
            return side
    return None


def _heat_map(off: Deviation, actual: Tensor, worst: tuple[int, ...]) -> HeatMap | None:
    """Of the slice with the worst element, along the last axes longer than one."""
    axes = tuple(axis for axis, size in enumerate(actual.shape) if size > 1)[-2:]
    if not axes:
        return None
    index = tuple(None if axis in axes else at for axis, at in enumerate(worst))
    at = tuple(slice(None) if i is None else i for i in index)
    ratio, is_nan = _ratio(off, actual)
    plane, nans = (x[at].reshape(-1, x[at].shape[-1]) for x in (ratio, is_nan))
    rows, columns = plane.shape
    cell = -(-rows // CELLS), -(-columns // CELLS)
    plane, nans = _pooled(plane, cell), _pooled(nans.double(), cell)
    bounds = _bounds(plane)
    row, column = ([0] * (2 - len(axes))) + [worst[axis] for axis in axes]
    return HeatMap(
        index=index,
        axes=axes,
        size=(rows, columns),
        cell=cell,
        bounds=bounds,
        levels=tuple(_levels(plane, nans, bounds)),
        worst=(row // cell[0], column // cell[1]),
    )


def _ratio(off: Deviation, actual: Tensor) -> tuple[Tensor, Tensor]:
    """Errors over allowances, 0 where nothing is wrong; and wrong non-numbers."""
    ratio = torch.where(off.wrong, off.error / off.allowed, 0.0)
    is_nan = off.wrong & ~torch.isfinite(actual)
    return ratio.masked_fill(is_nan, 0.0), is_nan


def _pooled(plane: Tensor, cell: tuple[int, int]) -> Tensor:
    """The largest of each cell; of what is over the edge nothing is."""
    height, width = cell
    plane = pad(plane, (0, -plane.shape[1] % width, 0, -plane.shape[0] % height))
    return plane.reshape(-1, height, plane.shape[1] // width, width).amax((1, 3))


def _bounds(plane: Tensor) -> tuple[float, ...]:
    """Whole powers of ten that part what there is into equal steps."""
    found = plane[(plane > 0) & torch.isfinite(plane)]
    if not found.numel():
        return ()
    step = max(1, round(math.log10(found.max().item()) / STEPS))
    return tuple(10.0 ** (step * k) for k in range(1, STEPS))


def _levels(plane: Tensor, nans: Tensor, bounds: tuple[float, ...]) -> list[str]:
    levels = (plane > 0).long()
    for bound in bounds:
        levels += plane > bound
    return [
        "".join(
            NOT_A_NUMBER if bad else str(level) for level, bad in zip(*row, strict=True)
        )
        for row in zip(levels.tolist(), nans.tolist(), strict=True)
    ]
