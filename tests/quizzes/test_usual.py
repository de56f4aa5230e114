"""Mistakes that anybody makes: named when one kind alone explains the answer."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from quizsite.quizzes.misconceptions import vocabulary
from quizsite.quizzes.near_misses import NOTHING_NEAR
from quizsite.quizzes.types.usual import HINTS, Circumstances, near_number, near_numbers
from tests.quizzes.conftest import NUMBER, SHAPE, mark
from tests.quizzes.test_boxes import NUMBERS_SHAPE, numeric

PLAIN = Circumstances({})
LOGS = Circumstances({}, frozenset({"ln"}))
SIZE = Circumstances({"n": 5, "share": Fraction(1, 2)})
MEMORY = Circumstances({}, unit="МиБ")


def close(one, other) -> bool:
    return math.isclose(one, other, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("value", "key", "about", "tag"),
    [
        (-7, 7, PLAIN, "sign"),
        (14, 7, PLAIN, "factor-two"),
        (Fraction(7, 2), 7, PLAIN, "factor-two"),
        (8, 7, PLAIN, "off-by-one"),
        (6, 7, PLAIN, "off-by-one"),
        (700, 7, PLAIN, "percent"),
        (0.07, 7, PLAIN, "percent"),
        (3 / math.log(2), 3.0, LOGS, "log-base"),
        (3 * math.log(10), 3.0, LOGS, "log-base"),
        (3 / math.log(2), 3.0, PLAIN, ""),  # no logarithm in the key
        (Fraction(35, 4), 7, SIZE, "sample-size"),
        (7 * math.sqrt(4 / 5), 7.0, SIZE, "sample-size"),
        (32, 37, SIZE, "terms"),
        (42, 37, SIZE, "terms"),
        (12, 7, SIZE, ""),  # too small a number to tell
        (56, 7, MEMORY, "units"),
        (7 * 1024, 7, MEMORY, "units"),
        (56, 7, PLAIN, ""),
        (1, 0, PLAIN, "off-by-one"),
        (5, 0, PLAIN, ""),
        (7.5, 7, PLAIN, ""),
    ],
)
def test_a_kind_of_mistake_is_recognised(value, key, about, tag):
    assert near_number(value, key, close, about).tag == tag


@pytest.mark.parametrize(
    ("value", "key", "about"),
    [
        (2, 1, PLAIN),  # twice, or one more?
        (1, 2, PLAIN),
        (10, 20, Circumstances({"n": 10})),  # half, or without the ten?
        (12, 10, Circumstances({"n": 6, "m": 2})),  # 6/5 of it, or two more?
    ],
)
def test_what_two_kinds_explain_is_left_alone(value, key, about):
    assert near_number(value, key, close, about) == NOTHING_NEAR


def test_one_mistake_must_explain_every_element():
    keys = [1, -2, 0]
    assert near_numbers([-1, 2, 0], keys, close, PLAIN).tag == "sign"
    assert near_numbers([-1, -4, 0], keys, close, PLAIN).tag == ""
    assert near_numbers([-1, 2], keys, close, PLAIN).tag == ""


def test_every_hint_has_a_word_in_the_vocabulary():
    assert set(HINTS) <= set(vocabulary())


# --- through the types ----------------------------------------------------------------


def test_the_author_s_near_miss_comes_first(one):
    variant = one(NUMBER).variant(1)
    turned = str(variant.values["b"] - variant.values["a"])  # the sign, too
    assert mark(variant, turned).slips == ("#0",)


def test_a_right_answer_is_never_near_anything(one):
    variant = numeric(one, "2", "{computed: {rtol: 0.6}}")
    assert mark(variant, "1").hints == ()


def test_a_number_gets_a_neutral_hint_and_a_tag(one):
    marked = mark(numeric(one, "24", "exact"), "-24")
    assert (marked.mark, marked.hints) == (0, ("Проверьте знак.",))
    assert marked.slips == ("usual:sign",)
    assert marked.as_json()["tags"] == ["sign"]


LOG_LET = """
id: n
type: numeric
section: 1
params: {p: {choice: [5, 7, 11]}}
let: {bits: log2(p), twice: 2*bits}
text: Сколько?
explanation: Столько.
answer: twice
tolerance: {rounded: 3}
"""


def test_logarithms_and_sizes_are_looked_for_behind_the_lets(one):
    variant = one(LOG_LET).variant(1)
    nats = f"{2 * math.log(variant.values['p']):.3f}"
    assert mark(variant, nats).tags == ("log-base",)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("(h, B, d//h, (H-1)//2+1)", "axes-order"),
        ("(h, d//h, (H-1)//2+1)", "batch-axis"),
        ("(B, h, (H-1)//2+1)", "axis-count"),
        ("(B, 1, h, d//h, (H-1)//2+1)", "axis-count"),
        ("(B, h, d//h, (H-1)//2)", "axis-off-by-one"),
        ("(B, h, d//h, H)", ""),
        ("(B, B)", ""),
    ],
)
def test_shapes_have_their_own_usual_mistakes(one, text, tag):
    marked = mark(one(SHAPE).variant(1), text)
    assert "".join(marked.tags) == tag
    assert marked.mark == 0


def test_a_shape_in_numbers_has_them_as_well(one):
    variant = one(NUMBERS_SHAPE).variant(1)
    n = variant.values["n"]
    assert mark(variant, f"({2 * n}, {n}, 3)").tags == ("axes-order",)
    assert mark(variant, f"({n}, {2 * n}, 4)").tags == ("axis-off-by-one",)
