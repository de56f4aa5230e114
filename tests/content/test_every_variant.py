"""Every variant of every question is sound: what is right, what is wrong, and why."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from quizsite.book.chapter_file import read_chapters
from quizsite.quizzes.questions import load_quiz_file
from quizsite.quizzes.types.code_output import same, tokens
from tests.content.bank import CHAPTERS, QUIZZES, Drawn, questions, variants

every_question = pytest.mark.parametrize("name", questions())
AUTOMATIC = [name for name, one in questions().items() if one.automatic]
IN_BOXES = ("numeric", "shape", "vector", "set", "formula", "text")
BOXES = [name for name, one in questions().items() if one.type in IN_BOXES]
NUMBERS = [name for name in BOXES if questions()[name].type == "numeric"]
PRINTED = [name for name, one in questions().items() if one.type == "code_output"]


@pytest.mark.parametrize("path", QUIZZES, ids=lambda path: path.parent.name)
def test_a_quiz_has_enough_questions(path: Path):
    of_it = [one for one in questions().values() if one.document.path == path]
    assert 12 <= len(of_it) <= 20


def test_no_two_quizzes_use_one_id():
    written = [load_quiz_file(path, proofs=0).questions for path in QUIZZES]
    assert len(questions()) == sum(map(len, written))


@pytest.mark.parametrize("name", AUTOMATIC)
def test_the_key_is_right(name: str):
    for drawn in variants(name):
        assert drawn.mark(drawn.variant.key).mark == 1, drawn


@pytest.mark.parametrize("name", AUTOMATIC)
def test_wrong_options_and_near_misses_are_wrong_and_explained(name: str):
    for drawn in variants(name):
        wrong = drawn.variant.drawn.wrong_answers()
        assert wrong, drawn
        for raw in wrong:
            marked = drawn.mark(raw)
            assert marked.mark is not None and marked.mark < 1, (drawn, raw)
            told = marked.hints or questions()[name].type in ("ordering", "parsons")
            assert told, (drawn, raw)


@pytest.mark.parametrize("name", BOXES)
def test_a_near_miss_gets_its_own_hint(name: str):
    """None is shadowed by an earlier one that it equals."""
    for drawn in variants(name):
        for box in drawn.variant.drawn.boxes:  # type: ignore[attr-defined]
            for miss, text in zip(box.near_misses, box.near_texts(), strict=True):
                value, _ = box.read(text)
                assert box.judge(value).hint == miss.hint, (drawn, box.id, text)


@pytest.mark.parametrize("name", NUMBERS)
def test_no_answer_is_near_to_two_mistakes(name: str):
    for drawn in variants(name):
        for box in drawn.variant.drawn.boxes:  # type: ignore[attr-defined]
            for one, other in combinations(box.near_misses, 2):
                assert not box.tolerance.accepts(one.value, other.value), (
                    drawn, box.id, one.hint, other.hint,
                )  # fmt: skip


@pytest.mark.parametrize("name", PRINTED)
def test_no_output_belongs_to_two_mistakes(name: str):
    for drawn in variants(name):
        misses: list[Any] = list(drawn.variant.drawn.near_misses)  # type: ignore[attr-defined]
        for one, other in combinations(misses, 2):
            assert not same(tokens(one.value), other.value), (drawn, one, other)


@every_question
def test_texts_render_without_leftovers(name: str):
    for drawn in variants(name, 20):
        for html in pages(drawn):
            assert "@{" not in html and "$" not in html and "`" not in html, drawn


def pages(drawn: Drawn) -> list[str]:
    variant = drawn.variant
    return [variant.text, variant.explanation, *variant.hints]


@pytest.mark.parametrize("name", NUMBERS)
def test_the_text_does_not_give_the_answer_away(name: str):
    """The key's digits are not what the question shows, unless by rare chance."""
    shown, boxes = 0, 0
    for drawn in variants(name):
        for box in drawn.variant.drawn.boxes:  # type: ignore[attr-defined]
            digits = box.key.replace(",", "{,}").replace("\u2212", "-")
            long = sum(map(str.isdigit, digits)) > 3
            shown += long and digits in str(drawn.variant.text)
            boxes += 1
    assert shown < 0.05 * boxes


@every_question
def test_a_question_names_a_section_of_its_chapter(name: str):
    question = questions()[name]
    folder = question.document.path.parent.name
    [chapter] = [
        one for one in read_chapters(CHAPTERS) if one.path.parent.name == folder
    ]
    assert question.section in {section.number for section in chapter.sections}


@pytest.mark.parametrize("path", QUIZZES, ids=lambda path: path.parent.name)
def test_every_section_is_asked_about(path: Path):
    [book] = [one for one in read_chapters(CHAPTERS) if one.path.parent == path.parent]
    asked = {one.section for one in questions().values() if one.document.path == path}
    assert asked == {section.number for section in book.sections}


@pytest.mark.parametrize("name", NUMBERS)
def test_answers_vary(name: str):
    keys = {str(drawn.variant.key) for drawn in variants(name)}
    assert len(keys) >= 6
