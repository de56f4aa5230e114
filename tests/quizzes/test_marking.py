"""What each type understands, what it gives for it, and what it says."""

from __future__ import annotations

from itertools import permutations

import pytest

from quizsite.quizzes.types.code_output import tokens
from quizsite.quizzes.types.ordering import longest_increasing
from tests.quizzes.conftest import (
    CODE,
    MATCHING,
    MULTIPLE,
    OPEN,
    ORDERING,
    SINGLE,
    mark,
)

# --- choices ------------------------------------------------------------


def test_a_wrong_option_gives_its_hint(one):
    variant = one(SINGLE).variant(1)
    wrong = next(c for c in variant.drawn.choices if c.html == "Неверно")
    marked = mark(variant, wrong.id)
    assert marked.mark == 0
    assert marked.hints == ("Вы спутали это.",)
    assert marked.slips == ("option:1",)


def test_an_option_that_is_not_there_is_a_format_error(one):
    parsed = one(SINGLE).variant(1).parse("17")
    assert parsed.state == "malformed"


def by_text(variant, *texts):
    return [c.id for c in variant.drawn.choices if str(c.html) in texts]


@pytest.mark.parametrize(
    ("chosen", "share"),
    [("АБ", 1), ("А", 0.5), ("АБВ", 0.5), ("АВ", 0), ("АБВГ", 0), ("ВГ", 0), ("", 0)],
)
def test_several_options_are_marked_without_profit_from_guessing(one, chosen, share):
    variant = one(MULTIPLE).variant(1)
    assert mark(variant, by_text(variant, *chosen)).mark == share


def test_missed_and_wrong_options_give_their_hints(one):
    variant = one(MULTIPLE).variant(1)
    assert set(mark(variant, by_text(variant, "Б", "В")).hints) == {
        "Забыли А.",
        "В лишнее.",
    }


def test_matching_gives_a_share_and_the_hints_of_wrong_pairs(one):
    variant = one(MATCHING).variant(1)
    row = next(row for row in variant.drawn.rows if row.label == "Раз")
    other = next(str(n) for n in range(1, 4) if str(n) != row.right)
    marked = mark(variant, {**variant.key, row.id: other})
    assert marked.mark == pytest.approx(2 / 3)
    assert marked.hints == ("**Раз**\n\nРаз — это один.",)


def test_equal_right_texts_are_one_option(one):
    variant = one(MATCHING).variant(1)
    assert sorted(variant.drawn.rights) == ["1", "2", "3"]


def test_an_unmatched_row_is_incomplete_and_gets_no_hint(one):
    variant = one(MATCHING).variant(1)
    parsed = variant.parse({"1": variant.key["1"]})
    assert parsed.state == "incomplete"
    assert variant.mark(parsed).hints == ()


def place(variant, order):
    return {item.id: str(order.index(item.rank) + 1) for item in variant.drawn.items}


@pytest.mark.parametrize(
    ("order", "share"),
    [
        ([1, 2, 3, 4], 1),
        ([2, 3, 4, 1], 2 / 3),
        ([2, 1, 4, 3], 1 / 3),
        ([4, 3, 2, 1], 0),
    ],
)
def test_order_is_marked_by_what_already_is_in_order(one, order, share):
    variant = one(ORDERING).variant(1)
    assert mark(variant, place(variant, order)).mark == pytest.approx(share)


def test_the_shown_order_is_never_the_right_one(one):
    question = one(ORDERING)
    for seed in range(200):
        ranks = [item.rank for item in question.variant(seed).drawn.items]
        assert ranks != [1, 2, 3, 4]


def test_a_place_chosen_twice_or_left_out_is_a_format_error(one):
    variant = one(ORDERING).variant(1)
    twice = variant.parse({"1": "1", "2": "1", "3": "2", "4": "3"})
    assert twice.errors["1"] == "место 1 выбрано дважды"
    assert variant.parse({"1": "1"}).errors["2"] == "выберите место"


def test_longest_increasing_agrees_with_trying_everything():
    for numbers in permutations(range(5)):
        best = max(
            len(chosen)
            for mask in range(32)
            if (chosen := [x for i, x in enumerate(numbers) if mask >> i & 1])
            == sorted(chosen)
        )
        assert longest_increasing(numbers) == best


@pytest.mark.parametrize(
    "text",
    [
        "tensor([{k}., 0.])",
        " tensor( [ {k}, 0 ] ) ",
        "tensor([{k}.0, 0.00])",
        "tеnsоr([{k}., -0.])",  # Cyrillic е and о
    ],
)
def test_blanks_and_spellings_of_numbers_do_not_matter(one, text):
    variant = one(CODE).variant(1)
    assert mark(variant, text.format(k=variant.values["k"])).mark == 1


def test_right_numbers_in_the_wrong_form_are_told_so(one):
    variant = one(CODE).variant(1)
    marked = mark(variant, f"[{variant.values['k']}., 0.]")
    assert marked.mark == 0
    assert "Числа верны" in marked.hints[0]


def test_an_output_near_miss_gives_its_hint(one):
    variant = one(CODE).variant(1)
    marked = mark(variant, f"tensor([0., {variant.values['k']}.])")
    assert marked.hints == ("Порядок другой.",)


def test_numbers_side_by_side_are_not_one_number():
    assert tokens("1 2") != tokens("12")
    assert tokens("1\n2") == tokens("1 2")


def test_an_open_answer_has_no_mark(one):
    variant = one(OPEN).variant(1)
    assert mark(variant, "Мой ответ").mark is None
    assert variant.show("<script>\nx") == "<p>&lt;script&gt;</p><p>x</p>"
