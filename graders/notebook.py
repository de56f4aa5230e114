"""A notebook as the source text of a solution, found by code and not by metadata.

Which cells hold the solution is decided by the names that they define; tags, ids and
nbgrader's marks may be missing, doubled or wrong. Nothing is ever executed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from graders.blocks import Block, Broken, blocks, joins_and_magics
from graders.cells import Cell, CellError
from graders.notes import About, Intake, Note, Taken
from graders.parsing import SOURCE_LIMIT, IntakeError
from graders.places import Fragment
from graders.remarks import remarks
from graders.selection import Selection
from graders.statements import Statement, statements
from graders.words import listing, plural

CELLS_LIMIT = 10_000
# Each is looked at by itself; nobody's solution has as many, and a guest may ask.
STATEMENTS_LIMIT = 20_000


def read_notebook(text: str, requires: Sequence[str]) -> Intake:
    """What the required names need of a notebook.

    Raises:
        IntakeError: it is no notebook, or does not define what is required.
    """
    cells = _code_cells(_notebook(text))
    if sum(len(cell.text.encode("utf-8", "replace")) for cell in cells) > SOURCE_LIMIT:
        raise IntakeError("В ячейках с кодом больше 256 КБ: оставьте только решение.")
    found = blocks(cells)
    if sum(len(b.tree.body) for b in found if isinstance(b, Block)) > STATEMENTS_LIMIT:
        raise IntakeError(
            f"В ячейках с кодом больше {STATEMENTS_LIMIT} инструкций: "
            "оставьте только решение."
        )
    candidates, broken = _candidates(found)
    selection = Selection(candidates, requires)
    _refuse_incomplete(selection, broken, requires)
    chosen = [candidates[i] for i in selection.order]
    used = {number for statement in chosen for number in statement.cells}
    notes = [*remarks(selection, requires), *map(_skipped, broken)]
    source, fragments = _assembled(chosen)
    return Intake(
        source=source,
        fragments=fragments,
        cells=tuple(sorted(used)),
        unused=tuple(cell.number for cell in cells if cell.number not in used),
        taken=tuple(_taken(chosen)),
        notes=(*notes, *joins_and_magics(found, used)),
    )


def _notebook(text: str) -> dict[str, Any]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        raise IntakeError(
            "Файл .ipynb повреждён: это не JSON. Сохраните тетрадь заново."
        ) from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise IntakeError("Это не тетрадь Jupyter: в файле нет поля nbformat.")
    version = notebook["nbformat"]
    if not isinstance(version, int) or version < 4:
        raise IntakeError(
            f"Тетрадь в старом формате {str(version)[:10]}. Преобразуйте её: "
            "jupyter nbconvert --to notebook --nbformat 4 тетрадь.ipynb"
        )
    return notebook


def _code_cells(notebook: dict[str, Any]) -> list[Cell]:
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise IntakeError("Тетрадь повреждена: в ней нет списка ячеек.")
    if len(cells) > CELLS_LIMIT:
        count = plural(len(cells), "ячейка", "ячейки", "ячеек")
        raise IntakeError(f"В тетради {count}: оставьте не больше {CELLS_LIMIT}.")
    try:
        found = [Cell.read(number, cell) for number, cell in enumerate(cells, start=1)]
    except CellError as error:
        raise IntakeError(f"Тетрадь повреждена: {error}.") from None
    return [cell for cell in found if cell.is_code and cell.text.strip()]


def _candidates(
    found: Sequence[Block | Broken],
) -> tuple[list[Statement], list[Broken]]:
    """Statements in the notebook's order, and the cells that cannot be read."""
    candidates: list[Statement] = []
    broken = []
    for block in found:
        if isinstance(block, Broken):
            broken.append(block)
            continue
        try:
            candidates += list(statements(block))
        except (SyntaxError, ValueError) as error:
            broken.append(block.broken(f"Код не компилируется: {error}."))
        except (RecursionError, MemoryError):
            broken.append(block.broken("Код вложен слишком глубоко."))
    return candidates, broken


def _refuse_incomplete(
    selection: Selection, broken: Sequence[Broken], requires: Sequence[str]
) -> None:
    """An unreadable cell is passed over, unless it may hold what is to be graded."""
    for block in broken:
        latest = max(cell.number for cell in block.cells)
        for name in requires:
            if block.mentions(name) and latest > selection.last_cell_of(name):
                raise IntakeError(block.error)
    if selection.missing:
        if broken:
            raise IntakeError(broken[0].error)
        names = listing(selection.missing)
        raise IntakeError(f"В тетради нет ячейки, где определено: {names}.")


def _skipped(block: Broken) -> Note:
    text = f"{block.error}\nЭта ячейка пропущена."
    return Note(About.WARNING, text, cell=block.cells[0].number)


def _assembled(chosen: Sequence[Statement]) -> tuple[str, tuple[Fragment, ...]]:
    """The statements under the numbers of their cells, and where each line stood."""
    lines: list[str] = []
    fragments = []
    for cells, group in groupby(chosen, key=lambda statement: statement.cells):
        numbers = listing([str(number) for number in cells])
        head = f"# Ячейка {numbers}" if len(cells) == 1 else f"# Ячейки {numbers}"
        lines += ["", head] if lines else [head]
        for statement in group:
            start = len(lines) + 1
            for cell, line, length in statement.spans:
                fragments.append(Fragment(start, length, cell, line))
                start += length
            lines += statement.text.split("\n")
    return "\n".join(lines) + "\n", tuple(fragments)


def _taken(chosen: Sequence[Statement]) -> Iterator[Taken]:
    for statement in chosen:
        for name in sorted(statement.binds):
            yield Taken(name, statement.kind.value, statement.cell)
