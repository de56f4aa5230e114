"""An uploaded .py or .ipynb as the source text to be graded.

Static only: nothing is executed, imported or written. From a notebook just the
definitions that the required names need are taken, with the imports and constants
they mention; experiments and plots stay behind. Free of torch.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from graders.cells import Cell, CellError, without_magics
from graders.places import Fragment, Place
from graders.selection import Statement, needed_statements
from graders.syntax import described, in_russian
from graders.words import NBSP, capitalized, plural

SOURCE_LIMIT = 256 * 1024  # bytes of Python
NOTEBOOK_LIMIT = 8 * 1024 * 1024  # a notebook carries its plots; they are dropped
CELLS_LIMIT = 10_000
# The parser takes quadratic time over an f-string: many seconds for 256 KB of it.
BRACES_LIMIT = 2_000


class IntakeError(ValueError):
    """The upload cannot be a submission; the message is Russian, for the student."""


@dataclass(frozen=True, slots=True)
class Intake:
    """What will be graded, and where it was taken from."""

    source: str
    fragments: tuple[Fragment, ...] = ()  # where its lines stood in the notebook

    @property
    def cells(self) -> tuple[int, ...]:
        """Numbers of the notebook's cells that were used."""
        return tuple(sorted({fragment.cell for fragment in self.fragments}))


def read_upload(data: bytes, filename: str, requires: Sequence[str]) -> Intake:
    """The source text of an uploaded file.

    Raises:
        IntakeError: it is no Python source and no notebook that holds one.
    """
    if filename.lower().endswith(".ipynb"):
        return _read_notebook(data, requires)
    if len(data) > SOURCE_LIMIT:
        raise IntakeError(_too_large(len(data), SOURCE_LIMIT))
    return read_source(_decoded(data))


def read_source(text: str) -> Intake:
    """Source typed or pasted by the student.

    Raises:
        IntakeError: it is empty, too large or does not parse.
    """
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    parsed(source)
    return Intake(source)


def parsed(source: str) -> ast.Module:
    """The source's syntax tree.

    Raises:
        IntakeError: it is empty, too large or does not parse; the line is shown.
    """
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > SOURCE_LIMIT:
        raise IntakeError(_too_large(size, SOURCE_LIMIT))
    if not source.strip():
        raise IntakeError("Решение пустое: напишите код и отправьте ещё раз.")
    return _parse(source)


def _parse(source: str, cell: int | None = None) -> ast.Module:
    where = f"Ячейка{NBSP}{cell}: " if cell else ""
    if source.count("{") > BRACES_LIMIT:
        text = f"{where}в коде больше {BRACES_LIMIT} фигурных скобок."
        raise IntakeError(capitalized(text))
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise IntakeError(_syntax_message(error, cell)) from None
    except (RecursionError, MemoryError):
        text = f"{where}код вложен слишком глубоко."
    except ValueError as error:  # null bytes, numbers of thousands of digits
        text = f"{where}код не разбирается: {in_russian(str(error))}."
    raise IntakeError(capitalized(text))


def _syntax_message(error: SyntaxError, cell: int | None) -> str:
    line = (error.text or "").rstrip()[:200]
    shown = f"\n    {line.strip()}" if line.strip() else ""
    place = str(Place(error.lineno or 1, cell))
    what = f"синтаксическая ошибка: {described(error)}"
    return capitalized(f"{place}: {what}.{shown}")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IntakeError(
            f"Файл не в кодировке UTF-8 (байт {error.start}): "
            "сохраните его в UTF-8 и отправьте ещё раз."
        ) from None


def _too_large(size: int, limit: int) -> str:
    return (
        f"Файл слишком большой: {size // 1024}{NBSP}КБ "
        f"при допустимых {limit // 1024}{NBSP}КБ."
    )


def _read_notebook(data: bytes, requires: Sequence[str]) -> Intake:
    if len(data) > NOTEBOOK_LIMIT:
        raise IntakeError(_too_large(len(data), NOTEBOOK_LIMIT))
    cells = _code_cells(_notebook(_decoded(data)))
    if sum(len(cell.text.encode("utf-8", "replace")) for cell in cells) > SOURCE_LIMIT:
        raise IntakeError("В ячейках с кодом больше 256 КБ: оставьте только решение.")
    chosen = needed_statements([_parsed_cell(cell) for cell in cells], requires)
    if not chosen:
        names = ", ".join(requires)
        raise IntakeError(f"В тетради нет ячейки, где определено: {names}.")
    intake = _assembled(chosen)
    parsed(intake.source)
    return intake


def _assembled(statements: Sequence[Statement]) -> Intake:
    """Each under a comment that names its cell, an empty line between two."""
    pieces, fragments, start = [], [], 1
    for one in statements:
        length = one.text.count("\n") + 1
        pieces.append(f"# Ячейка {one.cell}\n{one.text}\n")
        fragments.append(Fragment(start + 1, length, one.cell, one.line))
        start += length + 2
    return Intake("\n".join(pieces), tuple(fragments))


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


def _parsed_cell(cell: Cell) -> tuple[Cell, ast.Module]:
    """The cell and its tree; magics go only if it does not parse with them."""
    try:
        return cell, _parse(cell.text, cell.number)
    except IntakeError:
        plain = replace(cell, text=without_magics(cell.text))
        return plain, _parse(plain.text, cell.number)
