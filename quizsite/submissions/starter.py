"""What a student starts from: signatures to look at, a file or notebook to take."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from exercises.spec import Exercise

Function = ast.FunctionDef | ast.AsyncFunctionDef

HOW_TO = """\
# {title}

Напишите решение в ячейке ниже и загрузите весь этот файл на страницу задания:
{url}

В решение попадут только импорты, функции, классы и константы верхнего уровня;
проверочные вызовы и вывод при загрузке отбрасываются. Команды, начинающиеся с `%`
и `!`, не выполняются.
"""
PLAYGROUND = """\
# Черновик: здесь можно пробовать решение, на проверку это не влияет.
import torch

torch.manual_seed(0)
"""


def signatures(exercise: Exercise) -> str:
    """The headers of what a submission has to define, as the starter has them."""
    lines = exercise.starter.splitlines()
    headers = [
        "\n".join(_header(node, lines))
        for node in ast.parse(exercise.starter).body
        if isinstance(node, Function | ast.ClassDef) and node.name in exercise.requires
    ]
    return "\n\n".join(headers)


def _header(node: Function | ast.ClassDef, lines: list[str]) -> Iterator[str]:
    """From ``def`` or ``class`` to the line before the body; methods likewise."""
    body_starts = node.body[0].lineno - 1
    yield from lines[node.lineno - 1 : max(node.lineno, body_starts)]
    if isinstance(node, ast.ClassDef):
        for method in node.body:
            if isinstance(method, Function):
                yield from _header(method, lines)


def notebook(exercise: Exercise, url: str) -> str:
    """A notebook with the statement, the starter and a cell to play in."""
    how_to = HOW_TO.format(title=exercise.title, url=url)
    cells = [
        new_markdown_cell(f"{how_to}\n{exercise.statement}", id="statement"),
        new_code_cell(exercise.starter.rstrip(), id="solution"),
        new_code_cell(PLAYGROUND.rstrip(), id="playground"),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return str(nbformat.writes(made, version=4)) + "\n"
