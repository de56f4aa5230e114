"""Lists of numbers as Russian readers write them: ``(0,5; −1; 2/3)``, ``{1; 4}``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quizsite.lib.expressions import MAX_LENGTH, ExpressionError, Number
from quizsite.lib.numbers import read_number

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_EMPTY = re.compile(r"\s*(∅|нет|пусто)\s*", re.IGNORECASE)


def read_numbers(text: str) -> list[Number]:
    """The numbers between semicolons, or between commas with a space after them.

    Raises:
        ExpressionError: pointing at the character that was typed.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"слишком длинно: больше {MAX_LENGTH} знаков", MAX_LENGTH)
    if _EMPTY.fullmatch(text):
        return []
    begin, end = _inside(text)
    if begin and not text[begin:end].strip():
        return []
    return [_read(text, *span) for span in _spans(text, begin, end)]


def _inside(text: str) -> tuple[int, int]:
    """Where the list is: without the brackets around all of it."""
    begin, end = len(text) - len(text.lstrip()), len(text.rstrip())
    opening = text[begin : begin + 1]
    if opening not in _CLOSING or not opening:
        return begin, end
    closed = text[begin:end].endswith(_CLOSING[opening]) and end - begin > 1
    if closed and _around_all(text[begin:end]):
        return begin + 1, end - 1
    if opening != "(":
        raise ExpressionError("скобка не закрыта", begin)
    return begin, end  # (1 + 2)/3; 4


def _around_all(text: str) -> bool:
    depth = 0
    for index, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0:
            return index == len(text) - 1
    return False


def _spans(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    cuts = _outside_brackets(r"[;\n]", text, begin, end)
    cuts = cuts or _outside_brackets(r",\s+", text, begin, end)
    start = begin
    for cut in cuts:
        yield start, cut.start()
        start = cut.end()
    if text[start:end].strip() or not cuts:  # 1; 2;
        yield start, end


def _outside_brackets(
    pattern: str, text: str, begin: int, end: int
) -> list[re.Match[str]]:
    found, depth, position = [], 0, begin
    for match in re.compile(pattern).finditer(text, begin, end):
        between = text[position : match.start()]
        depth += between.count("(") - between.count(")")
        position = match.start()
        if depth <= 0:
            found.append(match)
    return found


def _read(text: str, start: int, end: int) -> Number:
    part = text[start:end]
    if not part.strip():
        raise ExpressionError("пропущено число", start)
    _refuse_commas(part, start)
    try:
        return read_number(part)
    except ExpressionError as error:
        place = min(start + error.offset, max(end - 1, 0))
        raise ExpressionError(error.message, place) from error


def _refuse_commas(part: str, start: int) -> None:
    """1,2,3 is no number, and 1 2 3 neither."""
    commas = re.search(r"\d,\d+,", part)
    if commas:
        message = "числа разделяют точкой с запятой"
        raise ExpressionError(message, start + commas.end() - 1)
