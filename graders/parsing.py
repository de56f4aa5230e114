"""Python text into a syntax tree, refused in Russian; static and free of torch."""

from __future__ import annotations

import ast

from graders.words import NBSP

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


def parse(source: str, where: str = "") -> ast.Module:
    """The tree of a source of any length.

    Raises:
        IntakeError: it does not parse; ``where`` begins the message.
    """
    if source.count("{") > BRACES_LIMIT:
        raise IntakeError(f"{where}В коде больше {BRACES_LIMIT} фигурных скобок.")
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise IntakeError(syntax_message(error, where)) from None
    except (RecursionError, MemoryError):
        raise IntakeError(f"{where}Код вложен слишком глубоко.") from None
    except ValueError as error:  # null bytes, numbers of thousands of digits
        raise IntakeError(f"{where}Код не разбирается: {error}.") from None


def syntax_message(error: SyntaxError, where: str) -> str:
    line = (error.text or "").rstrip()[:200]
    shown = f"\n    {line.strip()}" if line.strip() else ""
    number = f", строка{NBSP}{error.lineno}" if error.lineno else ""
    return f"{where}Синтаксическая ошибка{number}: {error.msg}.{shown}"


def too_large(size: int, limit: int) -> str:
    return (
        f"Файл слишком большой: {size // 1024}{NBSP}КБ "
        f"при допустимых {limit // 1024}{NBSP}КБ."
    )
