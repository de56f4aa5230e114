"""Fifty digits, bounded in everything; mpmath's own contexts are the oracle."""

from __future__ import annotations

import contextlib
from fractions import Fraction

import mpmath
import pytest
from mpmath import libmp

from quizsite.lib.expressions import ExpressionError, parse_expression
from quizsite.lib.formulas.precise import TooBig, evaluate

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("source", "oracle"),
    [
        ("sqrt(x)", mpmath.sqrt),
        ("ln(x)", mpmath.log),
        ("log2(x)", lambda x: mpmath.log(x) / mpmath.log(2)),
        ("lg(x)", mpmath.log10),
        ("exp(x)", mpmath.exp),
        ("sin(x) + cos(x)", lambda x: mpmath.sin(x) + mpmath.cos(x)),
        ("tan(x) - tg(x)", lambda x: mpmath.mpf(0)),
        ("tanh(x)", mpmath.tanh),
        ("sigmoid(x)", lambda x: 1 / (1 + mpmath.exp(-x))),
        ("x**x", lambda x: x**x),
        ("e**pi", lambda x: mpmath.e**mpmath.pi),
        ("x*7 // 2", lambda x: mpmath.floor(x * 7 / 2)),
        ("x*7 % 2", lambda x: x * 7 - 2 * mpmath.floor(x * 7 / 2)),
        ("-x*7 % 2", lambda x: -x * 7 - 2 * mpmath.floor(-x * 7 / 2)),
        ("floor(x) + ceil(x)", lambda x: mpmath.floor(x) + mpmath.ceil(x)),
        ("round(x, 1)", lambda x: mpmath.mpf(3) / 10),
        ("abs(-x) + min(x, 1) - max(x, 1)", lambda x: 2 * x - 1),
        ("factorial(20)", lambda x: mpmath.factorial(20)),
        ("1/3 if x < 1 else 2", lambda x: mpmath.mpf(1) / 3),
    ],
)
def test_every_operation_has_fifty_digits(source, oracle):
    point = {"x": Fraction(13, 40)}
    value = evaluate(parse_expression(source), point)
    with mpmath.workdps(70):
        wanted = oracle(mpmath.mpf(13) / 40)
        off = abs(mpmath.mp.make_mpf(value) - wanted)
        assert off <= mpmath.mpf(10) ** -48 * (1 + abs(wanted))


def test_a_whole_quotient_does_not_fall_below_itself():
    # 2.1 is no binary fraction; 2.1/0.7 must be 3 all the same.
    value = evaluate(parse_expression("2.1 // 0.7"), {})
    assert libmp.to_int(value) == 3


@pytest.mark.parametrize(
    "source",
    [
        "ln(-1)",
        "ln(0)",
        "sqrt(-1)",
        "(-8)**(1/3)",
        "1/0",
        "5 % 0",
        "factorial(1/2)",
        "factorial(-1)",
        "tan(1)/0",
        "round(1, 1/2)",
        "0**(-1)",
    ],
)
def test_what_is_not_defined_is_said(source):
    with pytest.raises(ExpressionError) as caught:
        evaluate(parse_expression(source), {})
    assert not isinstance(caught.value, TooBig)


@pytest.mark.parametrize(
    "source",
    ["exp(2400)", "10**999*10**999", "2**10001", "factorial(401)", "exp(exp(exp(9)))"],
)
def test_what_is_too_large_to_know_is_told_apart(source):
    with pytest.raises(TooBig):
        evaluate(parse_expression(source), {})


def test_what_is_too_small_is_zero():
    assert evaluate(parse_expression("exp(-10**9)"), {}) == libmp.fzero


@pytest.mark.parametrize(
    "source", ["10**30 % exp(-2000)", "sin(exp(2300))", "tan(10**900)", "e**(-10**18)"]
)
def test_extreme_operands_take_no_time(source):
    for _ in range(20):  # the first fills mpmath's tables of constants
        with contextlib.suppress(ExpressionError):
            evaluate(parse_expression(source), {})


def test_the_same_value_whatever_the_thread_or_context():
    with mpmath.workdps(5):
        few = evaluate(parse_expression("exp(x)"), {"x": HALF})
    assert few == evaluate(parse_expression("exp(x)"), {"x": HALF})
