"""The heat map of a report as numbers for an SVG template, and as words.

A report says it in characters, see graders/survey.py: one text a row, in it one level a
cell. Cells of one level are drawn as one path, so a map costs a kilobyte or two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

WIDEST = 320  # CSS pixels: it fits on a telephone
LARGEST_CELL = 28
STRIP = 24  # height of a map of one row
WITHIN, NOT_A_NUMBER = "0", "n"


@dataclass(frozen=True, slots=True)
class Level:
    """Cells that are alike."""

    name: str  # of a class in the style sheet
    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Line:
    """Rows that are alike, in words."""

    rows: str
    columns: str
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A map, drawn in a coordinate system with cells of one by one."""

    rows: int
    columns: int
    cell_width: int  # CSS pixels
    cell_height: int
    levels: Sequence[Level]
    lines: Sequence[Line]
    grid: str
    worst: tuple[int, int]
    place: str  # of the slice: «[0, :, :]»
    axes: Sequence[int]  # of the rows and of the columns, or just one
    size: tuple[int, int]  # of the slice in elements
    cell: tuple[int, int]  # of a cell in elements

    @property
    def width(self) -> int:
        return self.columns * self.cell_width

    @property
    def height(self) -> int:
        return self.rows * self.cell_height

    @property
    def is_slice(self) -> bool:
        return self.place.strip("[:, ]") != ""

    @property
    def is_coarse(self) -> bool:
        return max(self.cell) > 1


def picture(heat_map: Mapping[str, Any]) -> Picture:
    """What the template draws."""
    texts: list[str] = heat_map["levels"]
    rows, columns = len(texts), len(texts[0])
    labels = _labels(heat_map["bounds"])
    side = max(4, min(LARGEST_CELL, WIDEST // max(rows, columns)))
    index = (":" if at is None else str(at) for at in heat_map["index"])
    return Picture(
        rows=rows,
        columns=columns,
        cell_width=side,
        cell_height=max(side, STRIP) if rows == 1 else side,
        levels=[
            Level(f"level-{level}", labels[level], _path(texts, level))
            for level in sorted(set("".join(texts)))
        ],
        lines=list(_lines(texts, heat_map, labels)),
        grid=_grid(rows, columns),
        worst=(heat_map["worst"][1], heat_map["worst"][0]),
        place=f"[{', '.join(index)}]",
        axes=heat_map["axes"],
        size=(heat_map["size"][0], heat_map["size"][1]),
        cell=(heat_map["cell"][0], heat_map["cell"][1]),
    )


def _labels(bounds: Sequence[float]) -> dict[str, str]:
    labels = {WITHIN: _("в допуске"), NOT_A_NUMBER: _("NaN или ∞")}
    if not bounds:
        return labels | {"1": _("не совпадает")}
    times = [number_format(f"{bound:.0f}", force_grouping=True) for bound in bounds]
    for level, bound in enumerate(times, start=1):
        labels[str(level)] = _("до %(bound)s допусков") % {"bound": bound}
    beyond = {"bound": times[-1]}
    return labels | {str(len(bounds) + 1): _("больше %(bound)s допусков") % beyond}


def _path(texts: Sequence[str], level: str) -> str:
    """Every stretch of cells of this level as a rectangle."""
    return "".join(
        f"M{start} {y}h{length}v1h-{length}z"
        for y, text in enumerate(texts)
        for found, start, length in _stretches(text)
        if found == level
    )


def _stretches(text: str) -> Iterator[tuple[str, int, int]]:
    start = 0
    for level, cells in groupby(text):
        length = len(list(cells))
        yield level, start, length
        start += length


def _grid(rows: int, columns: int) -> str:
    upright = "".join(f"M{x} 0v{rows}" for x in range(1, columns))
    return upright + "".join(f"M0 {y}h{columns}" for y in range(1, rows))


def _lines(
    texts: Sequence[str], heat_map: Mapping[str, Any], labels: Mapping[str, str]
) -> Iterator[Line]:
    """Where something is wrong, row by row; rows that are alike together."""
    (height, width), (last_row, last_column) = heat_map["cell"], heat_map["size"]
    start = 0
    for (spans, worst), alike in groupby(texts, key=_in_short):
        count = len(list(alike))
        if spans:
            columns = [_span(*span, width, last_column) for span in spans]
            rows = _span(start, count, height, last_row)
            yield Line(rows, ", ".join(columns), labels[worst])
        start += count


def _in_short(text: str) -> tuple[tuple[tuple[int, int], ...], str]:
    """Which cells of a row are wrong, and the highest level among them."""
    return tuple(_wrong(text)), max(text)


def _wrong(text: str) -> Iterator[tuple[int, int]]:
    flags = "".join(WITHIN if level == WITHIN else "1" for level in text)
    return ((at, length) for flag, at, length in _stretches(flags) if flag != WITHIN)


def _span(first: int, count: int, cell: int, size: int) -> str:
    """Indices of elements that so many cells cover."""
    low, high = first * cell, min((first + count) * cell, size) - 1
    return str(low) if low == high else f"{low}–{high}"
