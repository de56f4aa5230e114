from __future__ import annotations

from fractions import Fraction

import pytest

from quizsite.lib.expressions import ExpressionError, parse_expression
from quizsite.lib.formulas.specialise import specialise

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("source", "values", "text"),
    [
        ("a*x + b", {"a": 2, "b": 3}, "2*x + 3"),
        ("a*x + b", {"a": 1, "b": 0}, "x"),
        ("x**a/b", {"a": 1, "b": 1}, "x"),
        ("b + x", {"b": 0}, "x"),
        ("a*x", {"a": -2}, "-2*x"),
        ("(a + b)*x", {"a": 2, "b": HALF}, "2,5*x"),
        ("a*x/b", {"a": 1, "b": 3}, "x/3"),
        ("ln(a)*x", {"a": 2}, "ln(2)*x"),
        ("sqrt(a)*x", {"a": 9}, "3*x"),
        ("x if a == 1 else y", {"a": 1}, "x"),
        ("x if a == 1 else y if a == 2 else z", {"a": 3}, "z"),
        ("a - -x", {"a": 2}, "2 - (-x)"),
    ],
)
def test_numbers_are_put_in_and_computed_while_they_are_exact(source, values, text):
    special = specialise(parse_expression(source), values)
    assert special.source == text
    assert special.names <= {"x", "y", "z"}


def test_a_rounded_number_is_refused():
    with pytest.raises(ExpressionError, match="«s» здесь уже округлено"):
        specialise(parse_expression("s*x"), {"s": 0.6931471805599453})


def test_the_author_s_tree_stays_as_it_was():
    expression = parse_expression("a*x")
    specialise(expression, {"a": 2})
    assert specialise(expression, {"a": 3}).source == "3*x"
