from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizsite.lib.expressions import Expression, parse_expression
from quizsite.lib.formulas.precise import evaluate
from quizsite.lib.formulas.writing import to_latex, to_text
from quizsite.lib.typed import read_typed

NAMES = ["t", "a", "b", "c", "x", "z1", "z_out", "eta", "lam", "eps", "lr"]


def read(text: str) -> Expression:
    return read_typed(text, names=NAMES).expression


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ln(t / (1-t))", "ln(t/(1 - t))"),
        ("a-(b-c)", "a - (b - c)"),
        ("a-(-b)", "a - (-b)"),
        ("-x^2", "-x^2"),
        ("(-x)^2", "(-x)^2"),
        ("x^-1", "x^(-1)"),
        ("a/(b/c)", "a/(b/c)"),
        ("a/b/c", "a/b/c"),
        ("(a^b)^c", "(a^b)^c"),
        ("0,5x", "0,5*x"),
        ("max(1; x)", "max(1; x)"),
        ("a % b", "a % b"),
        ("1e-20*x", "1/100000000000000000000*x"),
    ],
)
def test_a_formula_is_written_as_a_reader_types_it(text, written):
    assert to_text(read(text).tree) == written


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("ln(t/(1-t))", r"\ln\left(\frac{t}{1 - t}\right)"),
        ("exp(-x)", "e^{-x}"),
        ("sqrt(x + 1)", r"\sqrt{x + 1}"),
        ("2x*3", r"2 \, x \cdot 3"),
        ("(a+b)^2", "(a + b)^{2}"),
        ("log(x) + lg(x) + log2(x)", r"\ln(x) + \lg(x) + \log_2(x)"),
        ("tg(x)*th(x)", r"\operatorname{tg}(x) \, \operatorname{th}(x)"),
        ("abs(x) + (x + 1)//2", None),
        ("z1 + z_out", r"z_{1} + z_{\mathrm{out}}"),
        ("eta*lam*eps + lr", r"\eta \, \lambda \, \varepsilon + \mathrm{lr}"),
        ("0,5 + 1/3", r"0{,}5 + \frac{1}{3}"),
        ("max(1; x)", r"\max(1; x)"),
        ("factorial(a)", "a!"),
        ("x % 3", r"x \bmod 3"),
        ("sigmoid(x)", r"\sigma(x)"),
    ],
)
def test_a_formula_is_printed_as_in_a_book(text, latex):
    if latex is None:
        latex = r"\left|x\right| + \left\lfloor \frac{x + 1}{2}\right\rfloor "
    assert to_latex(read(text).tree) == latex


def test_deep_formulas_are_written_in_one_pass():
    """Each part once: a hundred thousand steps would be 2^17."""
    deep = "log2(exp(" * 17 + "x" + "))" * 17
    assert len(to_latex(read(deep).tree)) < 1000


OPERATIONS = st.sampled_from(["+", "-", "*", "/", "**"])
SUMS = st.recursive(
    st.sampled_from(["a", "b", "c", "2", "3", "0.5"]),
    lambda inner: (
        st.tuples(inner, OPERATIONS, inner).map("({0[0]}{0[1]}{0[2]})".format)
        | inner.map("(-{})".format)
    ),
    max_leaves=10,
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(SUMS)
def test_what_is_written_is_read_back_as_the_same_formula(source):
    expression = parse_expression(source)
    again = read(to_text(expression.tree))
    point = {"a": Fraction(3), "b": Fraction(2), "c": Fraction(5, 2)}
    try:
        value = evaluate(expression, point)
    except ValueError as error:
        with pytest.raises(type(error)):
            evaluate(again, point)
    else:
        assert evaluate(again, point) == value
