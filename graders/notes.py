"""What the intake made of an upload, and what it has to say of it in Russian."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from graders.places import Fragment
from graders.words import listing, plural

LIMIT = 40  # a notebook may have ten thousand cells, each worth a remark
LISTED = 500  # names and cells that are listed


class About(StrEnum):
    """How a note is to be taken."""

    WARNING = "warning"  # likely not what the student wants
    IGNORED = "ignored"  # a definition that was left out, and why
    INFO = "info"  # what was done to the notebook's text


@dataclass(frozen=True, slots=True)
class Note:
    about: About
    text: str
    name: str = ""
    cell: int | None = None  # as a reader counts; None outside notebooks

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"about": self.about.value}


def unwritten(name: str, left: Collection[str], where: str) -> Note:
    """Of a required function or class, what would raise NotImplementedError."""
    parts = [name if one == name else f"{name}.{one}" for one in sorted(left)]
    text = (
        f"Ещё не написано: {listing(parts)} ({where}: там осталось "
        "raise NotImplementedError)."
    )
    return Note(About.WARNING, text, name)


def limited(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Warnings first, and no more than anybody would read."""
    order = list(About)
    ranked = sorted(notes, key=lambda note: order.index(note.about))
    if len(ranked) <= LIMIT:
        return tuple(ranked)
    rest = plural(len(ranked) - LIMIT, "замечание", "замечания", "замечаний")
    return (*ranked[:LIMIT], Note(About.INFO, f"И ещё {rest}."))


@dataclass(frozen=True, slots=True)
class Taken:
    """A name of the solution."""

    name: str
    kind: str  # function, class, constant, import or computed
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """What will be graded, and where it was taken from."""

    source: str
    cells: tuple[int, ...] = ()  # numbers of the notebook's cells that were used
    unused: tuple[int, ...] = ()  # of its other cells with code
    taken: tuple[Taken, ...] = ()
    fragments: tuple[Fragment, ...] = ()  # where its lines stood in the notebook
    notes: tuple[Note, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All that is for people but the source."""
        return {
            "cells": list(self.cells[:LISTED]),
            "unused_cells": list(self.unused[:LISTED]),
            "names": [asdict(one) for one in self.taken[:LISTED]],
            "notes": [note.as_json() for note in limited(self.notes)],
        }
