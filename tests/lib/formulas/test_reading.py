from __future__ import annotations

import pytest

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.formulas.reading import Form, read_formula

NAMES = ["t", "n"]


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("s = ln(t)", "ln(t)"),
        ("s=2t", "2*t"),
        ("(n - 1)//2 + 1", "(n - 1)//2 + 1"),
        ("t^64", "t**64"),
        ("t^n", "t**n"),
    ],
)
def test_a_formula_is_read(text, source):
    assert read_formula(text, NAMES).source == source


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("t if n > 1 else 2", 0, "без условий"),
        ("t < n", 0, "без условий"),
        ("not t", 0, "без условий"),
        ("1 + t^65", 6, "больше 64"),
        ("t^(2^7)", 3, "больше 64"),
        ("t^(1/0)", 3, "деление на ноль"),
        ("s = t + #", 8, "неожиданный символ"),
        ("s = = t", 4, "без знака равенства"),
        (" + ".join(["ln(" * 21 + "t" + ")" * 21] * 2), 0, "больше 40"),
    ],
)
def test_what_is_no_formula_is_refused_where_it_is_not(text, offset, words):
    with pytest.raises(ExpressionError) as caught:
        read_formula(text, NAMES)
    assert words in caught.value.message
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("text", "offset"), [("n/2 + n/2", 6), ("2t*3", 3), ("t*t", 2), ("4t/6", 3)]
)
def test_what_is_to_be_simplified_is_an_error_of_form(text, offset):
    with pytest.raises(ExpressionError, match="упростите") as caught:
        read_formula(text, NAMES, Form(simplified=True))
    assert caught.value.offset == offset


@pytest.mark.parametrize("text", ["0,5t", "t + 1e-3", "t^.5"])
def test_decimals_are_an_error_of_form_where_fractions_are_asked_for(text):
    with pytest.raises(ExpressionError, match="без десятичных дробей"):
        read_formula(text, NAMES, Form(no_floats=True))
    read_formula(text, NAMES)


def test_a_simple_formula_with_fractions_has_the_form():
    both = Form(simplified=True, no_floats=True)
    assert read_formula("n(n - 1)/2 + t/3", NAMES, both)
