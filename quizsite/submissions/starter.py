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

Напишите решение в ячейке с заготовкой и выполните её. Дальше —

* `check()` прогонит его на открытых примерах прямо здесь;
* `check_format()` скажет, что из тетради возьмут на проверку, и не потратит попытку;
* `submit()` отправит решение и напечатает отчёт. Нужен токен: его создают на странице
  {tokens} (права `read` и `submissions`). В тетрадь он не попадает.

Можно и просто загрузить этот файл на страницу задания: {url}

На проверку берутся определения, которые нужны решению, и то, что они используют;
проверочные вызовы и вывод отбрасываются. Команды с `%` и `!` не выполняются.
"""
HELPER = """\
# Помощник: check(), check_format() и submit(). Скачивается с сайта задания.
import sys
from pathlib import Path
from urllib.request import urlopen

SITE, EXERCISE = {site!r}, {slug!r}
ARCHIVE = Path(f"{{EXERCISE}}-examples.zip").resolve()
try:
    EXAMPLES = f"{{SITE}}/api/v1/exercises/{{EXERCISE}}/examples/"
    ARCHIVE.write_bytes(urlopen(EXAMPLES, timeout=30).read())
except OSError as error:
    print("Сайт не отвечает, остаётся скачанное раньше:", error)
sys.path.insert(0, str(ARCHIVE))
from dlq_helper import Helper

helper = Helper(SITE, EXERCISE, ARCHIVE)
check, check_format, submit = helper.check, helper.check_format, helper.submit
"""
PLAYGROUND = """\
# Черновик: здесь можно пробовать решение, на проверку это не влияет.
import torch

torch.manual_seed(0)
"""
CHECK = (
    "check();  # открытые примеры, здесь\ncheck_format();  # что возьмут на проверку"
)
SUBMIT = "submit();  # отправить и дождаться отчёта"


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


def notebook(exercise: Exercise, site: str) -> str:
    """A notebook with the statement, the starter, a cell to play in and the verbs.

    Args:
        site: the address that it talks to, without a slash at its end.
    """
    how_to = HOW_TO.format(
        title=exercise.title,
        url=f"{site}/exercises/{exercise.slug}/",
        tokens=f"{site}/profile/tokens/",
    )
    helper = HELPER.format(site=site, slug=exercise.slug)
    cells = [
        new_markdown_cell(f"{how_to}\n{exercise.statement}", id="statement"),
        new_code_cell(helper.rstrip(), id="helper"),
        new_code_cell(exercise.starter.rstrip(), id="solution"),
        new_code_cell(PLAYGROUND.rstrip(), id="playground"),
        new_code_cell(CHECK, id="check"),
        new_code_cell(SUBMIT, id="submit"),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return str(nbformat.writes(made, version=4)) + "\n"
