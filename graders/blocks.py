"""Cells of a notebook as blocks that parse.

A block is one cell, as a rule. Somebody may have split a cell in the middle of a
function or a class: what parses only together with the cell before it is joined to it.
A cell that is indented as a whole is moved to the left, as IPython does it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from textwrap import dedent

from graders.cells import Cell, without_magics
from graders.names import Function, executed
from graders.notes import About, Note
from graders.parsing import IntakeError, parse
from graders.places import Place, Span
from graders.words import NBSP, capitalized, listing

JOINED = 8  # cells in a block; each is parsed again with every one that follows


@dataclass(frozen=True, slots=True)
class Block:
    """Code that parses."""

    cells: tuple[Cell, ...]
    text: str
    tree: ast.Module

    def spans(self, first: int, last: int) -> Iterator[Span]:
        """Where lines ``first`` to ``last`` stand in the notebook."""
        if len(self.cells) == 1:  # no need to count the lines for every statement
            yield Span(self.cells[0].number, first, last - first + 1)
            return
        start = 1
        for cell in self.cells:
            end = start + cell.text.count("\n")
            low, high = max(first, start), min(last, end)
            if low <= high:
                yield Span(cell.number, low - start + 1, high - low + 1)
            start = end + 1

    def broken(self, why: str) -> Broken:
        """The same as code that cannot be used."""
        return Broken(self.cells, f"Ячейка{NBSP}{self.cells[0].number}: {why}")


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that parses neither alone nor with the one before it."""

    cells: tuple[Cell, ...]
    error: str  # Russian, names the cell

    def mentions(self, name: str) -> bool:
        """Whether it looks as if it defined ``name``."""
        pattern = rf"^\s*(?:async\s+def|def|class)\s+{re.escape(name)}\b"
        return any(re.search(pattern, cell.text, re.MULTILINE) for cell in self.cells)


def blocks(cells: Sequence[Cell]) -> list[Block | Broken]:
    """The cells in their order, joined where that is what makes them parse."""
    found: list[Block | Broken] = []
    for cell in cells:
        alone = _alone(cell)
        together = _together(found[-1], cell, alone) if found else None
        if together:
            found[-1] = together
        else:
            found.append(alone)
    return found


def joins_and_magics(
    found: Sequence[Block | Broken], used: Container[int]
) -> Iterator[Note]:
    """What was done to the text of cells that are used."""
    lost = []
    for block in found:
        numbers = [cell.number for cell in block.cells if cell.number in used]
        if isinstance(block, Broken) or not numbers:
            continue
        if len(block.cells) > 1:
            names = listing([str(cell.number) for cell in block.cells])
            text = f"Ячейки {names} прочитаны как одна: по отдельности это не код."
            yield Note(About.INFO, text, cell=numbers[0])
        if block.text != _text(block.cells):
            lost += [c.number for c in block.cells if c.text != without_magics(c.text)]
    if lost:
        names = ", ".join(map(str, lost[:20]))
        text = (
            f"Команды % и ! при проверке не исполняются; они есть в ячейках: {names}."
        )
        yield Note(About.INFO, text, cell=lost[0])


def _text(cells: Sequence[Cell]) -> str:
    return "\n".join(cell.text for cell in cells)


def _alone(cell: Cell) -> Block | Broken:
    """Magics go, and the indentation, only if it does not parse with them."""
    plain = without_magics(cell.text)
    problem = ""
    for text in dict.fromkeys((cell.text, plain, dedent(plain))):
        try:
            return Block((cell,), text, _tree(text, cell.number))
        except IntakeError as error:
            problem = str(error)
    return Broken((cell,), problem)


def _together(
    before: Block | Broken, cell: Cell, alone: Block | Broken
) -> Block | None:
    """One block of both, if the cell is a continuation of what stands before it."""
    cells = (*before.cells, cell)
    is_part = isinstance(alone, Broken) or (
        _is_indented(cell) and _goes_on(before, alone)
    )
    if not is_part or len(cells) > JOINED:
        return None
    for text in (_text(cells), "\n".join(without_magics(c.text) for c in cells)):
        with suppress(IntakeError):
            return Block(cells, text, _tree(text))
    return None


def _is_indented(cell: Cell) -> bool:
    lines = [line for line in cell.text.split("\n") if line.strip()]
    return bool(lines) and lines[0][:1].isspace()


def _goes_on(before: Block | Broken, alone: Block) -> bool:
    """Whether an indented cell is the body, or more methods, of what is before it."""
    if isinstance(before, Broken):
        return True
    ends_in_class = before.tree.body and isinstance(before.tree.body[-1], ast.ClassDef)
    return bool(ends_in_class) and all(map(_is_method, alone.tree.body))


def _is_method(node: ast.stmt) -> bool:
    if not isinstance(node, Function):
        return False
    arguments = [*node.args.posonlyargs, *node.args.args]
    return bool(arguments) and arguments[0].arg in ("self", "cls")


def _tree(text: str, cell: int | None = None) -> ast.Module:
    """The tree of code that can stand by itself.

    Raises:
        IntakeError: it does not parse, or returns from no function.
    """
    tree = parse(text, cell)
    outside = (node for statement in tree.body for node in executed(statement))
    for node in outside:
        if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom):
            place = Place(node.lineno, cell)
            raise IntakeError(capitalized(f"{place}: return или yield вне функции."))
    return tree
