"""Texts of the quizzes are typeset as Russian texts should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.content.bank import QUIZZES

NOT_PROSE = {"params", "let", "require", "code", "answer", "correct", "symbols", "id"}
NOT_PROSE |= {"accepted", "lines", "line", "tag"}
CODE_OR_MATH = re.compile(r"`[^`]*`|\$\$.+?\$\$|\$[^$]+?\$|@\{[^}]*\}", re.DOTALL)


def texts(node: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from texts(part, f"{path}[{index}]")
    elif isinstance(node, dict):
        for key in node.keys() - NOT_PROSE:
            yield from texts(node[key], f"{path}.{key}")


ALL = {
    where: text
    for path in QUIZZES
    for question in yaml.safe_load(path.read_text("utf-8"))["questions"]
    for where, text in texts(question, question["id"])
}
PROSE = {where: CODE_OR_MATH.sub("□", text) for where, text in ALL.items()}


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ("straight quotes", r"[\"“”]"),
        ("a hyphen for a dash", r"\S [-–] "),
        ("a dash after a breaking space", r"[ \n]—"),
        ("two spaces", r"\S  +\S"),
        ("a space before a mark", r"\s[,.;:!?]"),
        ("three dots", r"\.\.\."),
        ("Latin letters inside a Russian word", r"[а-яё][a-z]|[a-z][а-яё]"),
        ("a decimal point", r"\d\.\d"),
        ("a stray backslash", r"\\"),
        ("a stray dollar", r"\$"),
    ],
)
def test_prose_is_free_of(fault: str, pattern: str):
    found = {where for where, text in PROSE.items() if re.search(pattern, text)}
    assert not found, fault


WITHOUT_YO = re.compile(
    r"(?i)\b(ее|еще|счет|отсчет|учет|учтен|расчет|причем|дает|идет|берет|ведет|растет|"
    r"придет|остается|дается|пройден|шел|трех|четырех|свертк\w*|свернут\w*)\b"
)


def test_words_with_yo_are_spelt_with_yo():
    found = {where: WITHOUT_YO.findall(text) for where, text in PROSE.items()}
    assert not {where: words for where, words in found.items() if words}


def test_decimal_commas_in_formulas_have_no_gap():
    """LaTeX puts a gap after a bare comma between digits."""
    for where, text in ALL.items():
        for formula in re.findall(r"\$+([^$]+)\$+", text):
            assert not re.search(r"\d,\d", formula), where


def test_a_hint_ends_as_a_sentence():
    for where, text in ALL.items():
        if where.endswith("hint"):
            assert re.search(r"[.!?]$|\\dots\$$", text.strip()), where


def test_a_question_asks():
    for where, text in ALL.items():
        if re.fullmatch(r"[\w-]+\.text", where):
            assert re.search(r"[?.]\)?$", text.strip()), where
