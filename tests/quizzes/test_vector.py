"""Several numbers in one box: in order, and in any order."""

from __future__ import annotations

import pytest

from tests.quizzes.conftest import SET, VECTOR, mark

TWO = "a: {int: [2, 2]}"


@pytest.fixture
def vector(one):
    return one(VECTOR.replace("a: {int: [2, 5]}", TWO)).variant(1)  # (2; −0,5; 4)


@pytest.fixture
def roots(one):
    return one(SET.replace("a: {int: [2, 5]}", TWO)).variant(1)  # {2; −2; 0}


@pytest.mark.parametrize("text", ["(2; −0,5; 4)", "2, -1/2, 4", "[2;-0.5;2+2]"])
def test_a_vector_is_written_in_many_ways(vector, text):
    assert mark(vector, text).mark == 1


def test_every_number_gets_its_verdict_and_its_share(vector):
    marked = mark(vector, "2; 7; 4")
    assert marked.mark == pytest.approx(2 / 3)
    assert [(part.label, part.ok) for part in marked.parts] == [
        ("1-е число: 2", True),
        ("2-е число: 7", False),
        ("3-е число: 4", True),
    ]


def test_a_wrong_count_is_said_and_worth_nothing(vector):
    marked = mark(vector, "2; -0,5")
    assert marked.mark == 0
    assert marked.parts[0].note == "2 числа, а должно быть 3"


def test_a_near_miss_keeps_the_share_of_what_is_right(vector):
    marked = mark(vector, "2; 0,5; 4")
    assert marked.hints == ("Минус потерян.",)
    assert marked.mark == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("-2; 0,5; -4", "sign"),
        ("4; -1; 8", "factor-two"),
        ("4; -0,5; 2", "elements-order"),
        ("200; -50; 400", "percent"),
    ],
)
def test_a_mistake_made_in_every_number_is_named(vector, text, tag):
    assert mark(vector, text).tags == (tag,)


def test_the_echo_lists_the_numbers(vector):
    assert vector.parse("2, -1/2, 4").echo == {"": "(2; −0,5; 4)"}


@pytest.mark.parametrize("text", ["0; 2; -2", "{-2; 0; 2}", "2; 2; 0; -2"])
def test_the_order_of_a_set_and_repeats_do_not_matter(roots, text):
    assert mark(roots, text).mark == 1


@pytest.mark.parametrize(
    ("text", "share"),
    [("2; 0", 2 / 3), ("2; -2; 0; 7", 2 / 3), ("2; 7", 0), ("1; 3", 0), ("∅", 0)],
)
def test_found_numbers_count_and_wrong_ones_take_away(roots, text, share):
    assert mark(roots, text).mark == pytest.approx(share)


def test_what_is_missing_in_a_set_is_counted_not_named(roots):
    parts = mark(roots, "2").parts
    assert [(part.label, part.note) for part in parts] == [
        ("2", ""),
        ("найдены не все числа", "не хватает 2"),
    ]


def test_a_set_may_be_empty(one):
    variant = one(SET.replace("[a, -a, 0]", "[]")).variant(1)
    assert variant.key == "{}"
    assert mark(variant, "∅").mark == 1
    assert mark(variant, "0").mark == 0


def test_with_a_tolerance_the_nearest_partner_is_taken(one):
    question = SET.replace("[a, -a, 0]", "[1, 1.02, 3]").replace(
        "tolerance: exact", "tolerance: {computed: {rtol: 0.015}}"
    )
    variant = one(question).variant(1)
    assert mark(variant, "1,021; 0,999; 3").mark == 1
    assert mark(variant, "1; 3").mark == pytest.approx(2 / 3)
