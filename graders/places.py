"""Where in the student's own file a line of the graded source stands.

What is graded of a notebook is put together from pieces of its cells, so the number of
a line in it says nothing to its author: a place names the cell, and the line in that.
Lines are counted from 1. Free of torch.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import Any, NamedTuple

from graders.words import NBSP


@dataclass(frozen=True, slots=True)
class Fragment:
    """Consecutive lines of the source that were taken from one cell."""

    start: int  # the first of them in the source
    length: int
    cell: int
    line: int  # the first of them in the cell


class Span(NamedTuple):
    """Consecutive lines of one cell."""

    cell: int
    line: int  # the first of them
    length: int


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the student's file, or of one cell of their notebook."""

    line: int
    cell: int | None = None

    def __str__(self) -> str:
        line = f"строка{NBSP}{self.line}"
        return line if self.cell is None else f"ячейка{NBSP}{self.cell}, {line}"


class Listing:
    """A source, and where each of its lines came from.

    Fragments are in the order of the source; without any it is a file of its own.
    """

    def __init__(self, source: str, fragments: Sequence[Fragment] = ()) -> None:
        self.source, self.fragments = source, fragments
        # As Python counts them: a form feed, for one, ends no line.
        self._lines = source.split("\n")

    def place(self, line: int) -> Place | None:
        """Where the author finds this line; None if they wrote no such line."""
        if not 0 < line <= len(self._lines):
            return None
        if not self.fragments:
            return Place(line)
        index = bisect_right(self.fragments, line, key=attrgetter("start")) - 1
        one = self.fragments[max(index, 0)]
        inside = one.start <= line < one.start + one.length
        return Place(one.line + line - one.start, one.cell) if inside else None

    def text(self, line: int) -> str:
        """The line itself."""
        return self._lines[line - 1] if self.place(line) else ""


FRAGMENTS = "fragments"  # their key among the notes


def as_notes(fragments: Iterable[Fragment]) -> dict[str, Any]:
    """What the site keeps beside a source, as JSON."""
    return {FRAGMENTS: [asdict(one) for one in fragments]}


def without_fragments(notes: Mapping[str, Any]) -> dict[str, Any]:
    """The notes that are for people."""
    return {key: value for key, value in notes.items() if key != FRAGMENTS}


def from_notes(notes: Mapping[str, Any]) -> tuple[Fragment, ...]:
    """The fragments again; notes of any other form say nothing of lines."""
    known = {field.name for field in fields(Fragment)}
    return tuple(
        Fragment(**note)
        for note in notes.get(FRAGMENTS, ())
        if isinstance(note, dict) and note.keys() == known
    )
