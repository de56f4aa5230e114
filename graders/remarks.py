"""What a student should know of how the solution was picked out of a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from graders.notes import About, Note, unwritten
from graders.selection import Selection
from graders.statements import Kind, Statement
from graders.words import NBSP


def remarks(selection: Selection, requires: Sequence[str]) -> Iterator[Note]:
    """Definitions that were left out, what is not written yet, what was moved."""
    for name in requires:
        yield from _unfinished(selection, name)
    for name in selection.names:
        yield from _left_out(selection, name, name in requires)
        yield from _without_a_first(selection, name)
    yield from _moved(selection)


def _left_out(selection: Selection, name: str, is_required: bool) -> Iterator[Note]:
    chain = selection.chains[name]
    if chain.definition is None:
        return
    chosen = selection.statements[chain.definition]
    for i in chain.left_out:
        other = selection.statements[i]
        if name in other.extends:
            text = (
                f"Дополнение {name} из ячейки{NBSP}{other.cell} не взято: оно "
                f"относилось не к тому определению, что в ячейке{NBSP}{chosen.cell}."
            )
            yield Note(About.IGNORED, text, name, other.cell)
        elif is_required or {chosen.kind, other.kind}.isdisjoint(
            {Kind.IMPORT, Kind.COMPUTED}
        ):
            yield _another(name, other, chosen, is_after=i > chain.definition)


def _another(name: str, other: Statement, chosen: Statement, is_after: bool) -> Note:
    """Why another definition was left out."""
    there, here = f"ячейке{NBSP}{other.cell}", f"ячейке{NBSP}{chosen.cell}"
    if other.unfinished and not chosen.unfinished:
        if is_after:
            text = (
                f"{name}: в {there} снова заготовка с NotImplementedError. "
                f"Взято готовое определение в {here}."
            )
            return Note(About.WARNING, text, name, other.cell)
        text = f"{name} в {there} — заготовка; взято определение в {here}."
    elif other.kind is Kind.COMPUTED:
        text = f"{name} в {there} — вычисленное значение; взято определение в {here}."
    else:
        text = f"{name} в {there} не взято: ниже, в {here}, есть другое определение."
    return Note(About.IGNORED, text, name, other.cell)


def _unfinished(selection: Selection, name: str) -> Iterator[Note]:
    """What nothing fills in later, of a required name."""
    chain = selection.chains[name]
    if chain.definition is None:
        return
    chosen = selection.statements[chain.definition]
    left = set(chosen.unfinished)
    for i in chain.members[1:]:
        left -= selection.statements[i].extends[name].attributes or set()
    if left:
        note = unwritten(name, left, f"ячейка{NBSP}{chosen.cell}")
        yield replace(note, cell=chosen.cell)


def _without_a_first(selection: Selection, name: str) -> Iterator[Note]:
    chain = selection.chains[name]
    if chain.members and chain.definition is None:
        cell = selection.statements[chain.members[0]].cell
        text = (
            f"{name} в ячейке{NBSP}{cell} продолжает само себя, а первого определения "
            "в тетради нет: при проверке будет NameError."
        )
        yield Note(About.WARNING, text, name, cell)


def _moved(selection: Selection) -> Iterator[Note]:
    """Cells whose code had to be put before that of a cell above them."""
    told: set[tuple[int, int]] = set()
    below: list[int] = []  # what follows in the solution; the nearest smaller on top
    for i in reversed(selection.order):
        while below and below[-1] > i:
            below.pop()
        if below and not selection.statements[i].everywhere:
            pair = selection.statements[i].cell, selection.statements[below[-1]].cell
            if pair[0] > pair[1] and pair not in told:
                told.add(pair)
                yield _moved_note(*pair)
        below.append(i)


def _moved_note(cell: int, before: int) -> Note:
    text = (
        f"Код ячейки{NBSP}{cell} поставлен перед кодом ячейки{NBSP}{before}: "
        "он нужен ей сразу, а в тетради стоит ниже."
    )
    return Note(About.INFO, text, cell=cell)
