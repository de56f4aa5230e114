"""An uploaded .py or .ipynb as the source text to be graded.

Static only: nothing is executed, imported or written. From a notebook just the
definitions that the required names need are taken, with the imports and values they
mention; experiments and plots stay behind. Free of torch.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graders.names import Function, undefined, unfinished
from graders.notebook import read_notebook
from graders.notes import About, Intake, Note, Taken, limited, unwritten
from graders.parsing import SOURCE_LIMIT, IntakeError, parsed, too_large
from graders.words import NBSP, listing

__all__ = [
    "NOTEBOOK_LIMIT",
    "SOURCE_LIMIT",
    "Intake",
    "IntakeError",
    "Note",
    "parsed",
    "read_source",
    "read_upload",
]

NOTEBOOK_LIMIT = 8 * 1024 * 1024  # a notebook carries its plots; they are dropped
NAMED = 10  # names that are not defined


def read_upload(data: bytes, filename: str, requires: Sequence[str]) -> Intake:
    """The source text of an uploaded file.

    Raises:
        IntakeError: it is no Python source and no notebook that holds one.
    """
    if not filename.lower().endswith(".ipynb"):
        if len(data) > SOURCE_LIMIT:
            raise IntakeError(too_large(len(data), SOURCE_LIMIT))
        return read_source(_decoded(data), requires)
    if len(data) > NOTEBOOK_LIMIT:
        raise IntakeError(too_large(len(data), NOTEBOOK_LIMIT))
    intake = read_notebook(_decoded(data), requires)
    tree = parsed(intake.source)
    return replace(intake, notes=(*_undefined(intake.source, tree), *intake.notes))


def read_source(text: str, requires: Sequence[str] = ()) -> Intake:
    """Source typed or pasted by the student.

    Raises:
        IntakeError: it is empty, too large or does not parse.
    """
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    tree = parsed(source)
    notes = [*_unfinished(tree, requires), *_undefined(source, tree)]
    return Intake(source, taken=tuple(_defined(tree)), notes=limited(notes))


def _defined(tree: ast.Module) -> Iterator[Taken]:
    """Functions and classes of the top level."""
    for node in tree.body:
        if isinstance(node, Function):
            yield Taken(node.name, "function")
        elif isinstance(node, ast.ClassDef):
            yield Taken(node.name, "class")


def _unfinished(tree: ast.Module, requires: Sequence[str]) -> Iterator[Note]:
    """Required functions that are still the starter's, or are so again below."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    last = {node.name: node for node in tree.body if isinstance(node, kinds)}
    for name in requires:
        left = unfinished(last[name]) if name in last else frozenset()
        if left:
            yield unwritten(name, left, f"строка{NBSP}{last[name].lineno}")


def _undefined(source: str, tree: ast.Module) -> Iterator[Note]:
    if names := undefined(source, tree):
        text = (
            f"Используется, но нигде не определено: {listing(names[:NAMED])}. "
            "При проверке это будет NameError."
        )
        yield Note(About.WARNING, text)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise IntakeError(
            f"Файл не в кодировке UTF-8 (байт {error.start}): "
            "сохраните его в UTF-8 и отправьте ещё раз."
        ) from None
