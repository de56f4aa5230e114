"""Python text into a syntax tree, refused in Russian; static and free of torch."""

from __future__ import annotations

import ast

from graders.places import Place
from graders.syntax import described, in_russian
from graders.words import NBSP, capitalized

SOURCE_LIMIT = 256 * 1024  # bytes of Python
# The parser takes quadratic time over an f-string: many seconds for 256 KB of it.
BRACES_LIMIT = 2_000


class IntakeError(ValueError):
    """The upload cannot be a submission; the message is Russian, for the student."""


def parsed(source: str) -> ast.Module:
    """The source's syntax tree.

    Raises:
        IntakeError: it is empty, too large or does not parse; the line is shown.
    """
    size = len(source.encode("utf-8", "surrogatepass"))
    if size > SOURCE_LIMIT:
        raise IntakeError(too_large(size, SOURCE_LIMIT))
    if not source.strip():
        raise IntakeError("Решение пустое: напишите код и отправьте ещё раз.")
    return parse(source)


def parse(source: str, cell: int | None = None) -> ast.Module:
    """The tree of a source of any length, of a notebook's cell if it has a number.

    Raises:
        IntakeError: it does not parse; the place is named.
    """
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


def too_large(size: int, limit: int) -> str:
    return (
        f"Файл слишком большой: {size // 1024}{NBSP}КБ "
        f"при допустимых {limit // 1024}{NBSP}КБ."
    )
