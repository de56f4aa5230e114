"""Cells of a notebook: their text, and the lines in it that are not Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

LINE_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\s*\?{1,2})\s*$")
# Begins with a letter: else a line of spaces could be split in very many ways.
CAPTURED = re.compile(r"^(\s*)\w[\w, ]*=\s*[%!].*$")  # files = !ls
TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")  # the body is Python


class CellError(ValueError):
    """A cell is not what the notebook format says; Russian."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, numbered from 1 as a reader counts."""

    number: int
    is_code: bool
    text: str

    @classmethod
    def read(cls, number: int, cell: Any) -> Self:
        """Parse one item of the notebook's list of cells."""
        if not isinstance(cell, dict):
            raise CellError(f"ячейка {number} — не объект")
        text = cell.get("source", "")
        if isinstance(text, list) and all(isinstance(line, str) for line in text):
            text = "".join(text)
        if not isinstance(text, str):
            raise CellError(f"в ячейке {number} нет текста")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return cls(number, cell.get("cell_type") == "code", text)


def without_magics(text: str) -> str:
    """The cell with magics and shell lines replaced by nothing that runs.

    The number of lines stays, so that the line of a syntax error is right.
    """
    lines = text.split("\n")
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if not lines[first].startswith(TRANSPARENT):
            return ""
        lines[first] = ""
    return "\n".join(map(_without_magic, lines))


def _without_magic(line: str) -> str:
    """``pass`` keeps a body that held nothing but the magic a body."""
    found = LINE_MAGIC.match(line) or CAPTURED.match(line)
    return f"{found[1]}pass" if found else line
