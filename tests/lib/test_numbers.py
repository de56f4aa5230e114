from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.numbers import (
    format_number,
    read_expression,
    read_number,
    significant,
)

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,5", HALF),
        ("0.5", HALF),
        (" 1/2 ", HALF),
        (".5", HALF),
        ("≈0,5", HALF),
        ("= 0,5", HALF),
        ("−3", -3),
        ("–3", -3),
        ("2·10^-3", Fraction(1, 500)),
        ("2×10⁻³", Fraction(1, 500)),
        ("1е-3", Fraction(1, 1000)),  # a Cyrillic е
        ("2^10", 1024),
        ("6 ÷ 4", Fraction(3, 2)),
        ("√4", 2),
        ("√(9)", 3),
        ("√0,25", HALF),
        ("1 024", 1024),
        ("1\u00a0048\u202f576", 1048576),
        ("49\u2009984", 49984),
        ("max(1; 2)", 2),
        ("2*pi", 2 * math.pi),
        ("π", math.pi),
        ("ехр(0)", 1),  # Cyrillic е, х, р
    ],
)
def test_numbers_are_read_as_russians_write_them(text, value):
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("", 0),
        ("0,5 x", 4),
        ("  0,5x", 5),
        ("1 2345", 2),
        ("1,2,3", 3),
        ("пять", 0),
        ("9^9^9", 0),
        ("1e999", 0),
        ("__import__('os')", 11),
        ("1 < 2", 0),
        ("5 %", 0),
    ],
)
def test_what_is_no_number_is_refused_where_it_goes_wrong(text, offset):
    with pytest.raises(ExpressionError) as caught:
        read_number(text)
    assert caught.value.offset == offset


def test_the_error_points_into_what_was_typed_after_repairs():
    # "^" becomes two characters and "√2" seven before the "#".
    with pytest.raises(ExpressionError) as caught:
        read_number("√2 + 3^2 # 1")
    assert caught.value.offset == 9


def test_an_unknown_name_lists_those_that_may_be_used():
    with pytest.raises(ExpressionError, match="можно: B, h"):
        read_expression("Q", names=["B", "h"])


def test_look_alikes_become_the_names_that_were_meant():
    assert read_expression("В*Н", names=["B", "H"]).evaluate({"B": 2, "H": 3}) == 6


@pytest.mark.parametrize(
    ("value", "prose", "math_", "code"),
    [
        (-3, "−3", "-3", "-3"),
        (HALF, "0,5", "0{,}5", "0.5"),
        (1024, "1024", "1024", "1024"),
        (65536, "65\u00a0536", r"65\,536", "65536"),
        (Fraction(1, 3), "1/3", r"\frac{1}{3}", "1/3"),
        (Fraction(-1, 3), "−1/3", r"-\frac{1}{3}", "-1/3"),
        (1 / 3, "0,333333", "0{,}333333", "0.333333"),
        (Fraction(1, 10**8), "10⁻⁸", "10^{-8}", "1e-8"),
        (1.5e-7, "1,5·10⁻⁷", r"1{,}5 \cdot 10^{-7}", "1.5e-7"),
        (0.0, "0", "0", "0"),
    ],
)
def test_numbers_are_written_as_the_place_asks(value, prose, math_, code):
    assert format_number(value) == prose
    assert format_number(value, "math") == math_
    assert format_number(value, "code") == code


def test_rounding_is_half_up_and_drops_idle_zeros():
    assert format_number(HALF, decimals=0) == "1"
    assert format_number(Fraction(-25, 10), decimals=0) == "−3"
    assert format_number(Fraction(12345, 10000), decimals=3) == "1,235"
    assert format_number(Fraction(1, 2), decimals=3) == "0,5"
    assert format_number(-0.0004, decimals=3) == "0"


def test_a_sign_is_written_when_asked_for():
    assert format_number(3, "math", signed=True) == "+ 3"
    assert format_number(-3, "math", signed=True) == "- 3"
    assert format_number(0, "math", signed=True) == "+ 0"


def test_significant_digits():
    assert significant(0.00123456, 3) == "0,00123"
    assert significant(-123456.0, 3) == "−123\u00a0456"


@example(Fraction(287752561812699, 15625))  # 17 digits: more than a float keeps
@settings(max_examples=300, deadline=None)
@given(st.fractions(min_value=-(10**12), max_value=10**12, max_denominator=10**6))
def test_prose_is_read_back_as_the_same_number(value):
    if abs(value) >= Fraction(1, 10_000) or value == 0:
        assert read_number(format_number(value)) == value


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123456789,. −+·×/^√;()eEеxхπ\u00a0\u2009 ²⁻", max_size=30))
def test_any_typing_gives_a_number_or_an_error_within_the_text(text):
    try:
        value = read_number(text)
    except ExpressionError as error:
        assert 0 <= error.offset <= max(len(text), 1)
    else:
        assert abs(value) <= 10**30
