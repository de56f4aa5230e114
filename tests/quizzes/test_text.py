"""Words: what does not count, what is let pass, what is explained."""

from __future__ import annotations

import pytest

from quizsite.quizzes.types.text import normalised, one_slip_apart
from tests.quizzes.conftest import TEXT, mark


@pytest.mark.parametrize(
    "text",
    [
        "стэкинг",
        "  Стэкинг. ",
        "«СТЭКИНГ»",
        "“стэкинг”!",
        "stacked generalization",
        "Stacked-Generalization",
        "stacked — generalization;",
        "стэкинг\u00a0",
        "cтэкинг",  # a Latin c
    ],
)
def test_what_does_not_change_the_meaning_does_not_count(one, text):
    marked = mark(one(TEXT).variant(1), text)
    assert marked.mark == 1
    assert marked.parts == ()


@pytest.mark.parametrize(
    ("wrote", "means"),
    [("ещё", "еще"), ("Self-Attention", "self attention"), ("L₂‐штраф", "l2 штраф")],
)
def test_writings_that_have_one_form(wrote, means):
    assert normalised(wrote) == normalised(means)


@pytest.mark.parametrize("text", ["стекинг", "стэкиг", "стэкингг", "сткэинг"])
def test_a_slip_of_the_finger_is_let_pass_and_told(one, text):
    marked = mark(one(TEXT).variant(1), text)
    assert marked.mark == 1
    assert [part.note for part in marked.parts] == ["засчитано как «стэкинг»"]


def test_an_author_may_insist_on_the_spelling(one):
    variant = one(TEXT + "exact: true\n").variant(1)
    assert mark(variant, "стекинг").mark == 0
    assert "без опечаток" in variant.drawn.boxes[0].rule


@pytest.mark.parametrize("text", ["стекинк", "бэггинг", "стэк", "кинг"])
def test_another_word_is_wrong(one, text):
    assert mark(one(TEXT).variant(1), text).mark == 0


@pytest.mark.parametrize("text", ["бустинг", "Boosting"])
def test_a_foreseen_word_gets_its_hint_in_each_of_its_forms(one, text):
    marked = mark(one(TEXT).variant(1), text)
    assert (marked.mark, marked.hints, marked.slips) == (0, ("Это бустинг.",), ("#0",))


def test_a_near_miss_is_no_typing_error_of_the_answer(one):
    question = TEXT.replace("[бустинг, boosting]", "стекинг")
    assert mark(one(question).variant(1), "стекинг").hints == ("Это бустинг.",)


@pytest.mark.parametrize(
    ("text", "words"), [(" . ", "нужны буквы"), ("x" * 201, "слишком длинно")]
)
def test_what_is_no_word_is_told_at_once(one, text, words):
    parsed = one(TEXT).variant(1).parse(text)
    assert words in parsed.errors[""].lower()


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("adam", "adan", True),
        ("adam", "adm", True),
        ("adam", "addam", True),
        ("adam", "amda", False),
        ("adam", "daam", True),
        ("adam", "adam", False),
        ("adam", "sgd", False),
        ("l1 норма", "l2 норма", False),  # a digit is no slip
        ("вектор", "векторы", True),
        ("", "a", True),
    ],
)
def test_one_slip(first, second, apart):
    assert one_slip_apart(first, second) == apart
    assert one_slip_apart(second, first) == apart
