from __future__ import annotations

import math
import operator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizsite.lib.expressions import ExpressionError, evaluate, parse_expression

EXACT = [
    ("1 + 2*3", 7),
    ("7 // 2", 3),
    ("-7 % 3", 2),
    ("1/3", Fraction(1, 3)),
    ("0.1 + 0.2", Fraction(3, 10)),
    ("2**-3", Fraction(1, 8)),
    ("2**64", 2**64),
    ("sqrt(9/4)", Fraction(3, 2)),
    ("log2(1024)", 10),
    ("1e-3", Fraction(1, 1000)),
    ("round(2.345, 2)", Fraction(117, 50)),
    ("floor(-1/2)", -1),
    ("min(3, 1, 2)", 1),
    ("1 < 2 <= 2", True),
    ("1 if 2 > 3 else 5", 5),
    ("not 1 == 2 and 3 != 3 or 1 == 1", True),
]


@pytest.mark.parametrize(("source", "value"), EXACT)
def test_arithmetic_is_exact_where_it_can_be(source, value):
    result = evaluate(source)
    assert result == value
    assert not isinstance(result, float)


@pytest.mark.parametrize(
    ("source", "value"),
    [("sqrt(2)", math.sqrt(2)), ("exp(1) - e", 0), ("sin(pi)", 0), ("ln(e)", 1)],
)
def test_functions_give_floats(source, value):
    assert evaluate(source) == pytest.approx(value, abs=1e-12)


def test_only_the_taken_branch_is_evaluated():
    assert evaluate("0 if x == 0 else 1/x", {"x": 0}) == 0


def test_whole_division_reads_a_slash_as_two():
    expression = parse_expression("(H - 1)/2 + 1")
    assert expression.evaluate({"H": 8}, whole_division=True) == 4
    assert expression.evaluate({"H": 8}) == Fraction(9, 2)


HOSTILE = [
    "9**9**9",
    "9**9**9**9",
    "2**10001",
    "1e999",
    "1e300000",
    "1e-999",
    "10**18*10**13",
    "1000000000000000001",
    "__import__('os')",
    "().__class__",
    "a.b",
    "a[0]",
    "[1, 2]",
    "{1}",
    "lambda: 1",
    "(x for x in y)",
    "(x := 1)",
    "f'{1}'",
    "'text'",
    "1j",
    "0x10",
    "1_000",
    "True",
    "None",
    "...",
    "max(*a)",
    "max(a=1)",
    "open(1)",
    "sqrt",
    "sqrt()",
    "sqrt(1, 2)",
    "1 is 1",
    "1 in a",
    "a & b",
    "a @ b",
    "~1",
    "await a",
    "x = 1",
    "1; 2",
    "1\n2",
    "#",
    "\\",
    "\0",
    "",
    "   ",
    "(" * 300,
    "-" * 399 + "1",
    "1+" * 199 + "1",
    "9" * 31,
    "1" * 500,
]


@pytest.mark.parametrize("source", HOSTILE)
def test_what_is_not_in_the_language_is_refused(source):
    with pytest.raises(ExpressionError) as caught:
        evaluate(source, {"a": 1, "x": 1})
    assert caught.value.message
    assert 0 <= caught.value.offset <= max(len(source), 1)


@pytest.mark.parametrize(
    ("source", "offset", "words"),
    [
        ("1 + 2 # 3", 6, "неожиданный символ «#»"),
        ("2x", 1, "пропущен знак умножения"),
        ("  2x", 3, "пропущен знак умножения"),
        ("(1 + 2", 0, "скобка не закрыта"),
        ("1 + 2)", 5, "лишняя закрывающая скобка"),
        ("1 + sqr(4)", 4, "может быть, «sqrt»?"),
        ("3 + 1/0", 4, "деление на ноль"),
        ("1 + log(0)", 4, "не определено"),
        ("(-8)**(1/3)", 0, "дробная степень отрицательного числа"),
    ],
)
def test_an_error_points_at_the_character(source, offset, words):
    with pytest.raises(ExpressionError) as caught:
        evaluate(source)
    assert caught.value.offset == offset
    assert words in caught.value.message


def test_an_unknown_name_is_named():
    with pytest.raises(ExpressionError, match="неизвестное имя «x»"):
        evaluate("1 + x")


CHARACTERS = list("0123456789+-*/%().,<>=! abex_'[]\nж")
WORDS = ["**", "//", "sqrt(", "pi", "if", "else", "and", "not", "1e9", "9**9", "lambda"]
TOKENS = st.sampled_from(CHARACTERS + WORDS)


@settings(max_examples=400, deadline=None)
@given(st.lists(TOKENS, max_size=40).map("".join))
def test_any_text_gives_a_bounded_number_or_an_error(source):
    try:
        value = evaluate(source, {"a": 2, "b": Fraction(1, 3), "x": 0.5})
    except ExpressionError as error:
        assert 0 <= error.offset <= max(len(source), 1)
    else:
        assert isinstance(value, int | float | Fraction)
        assert abs(value) <= 10**30
        assert not math.isnan(value)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=450))
def test_any_unicode_text_gives_a_number_or_an_error(source):
    try:
        evaluate(source)
    except ExpressionError as error:
        assert error.offset >= 0


Sum = tuple[str, int]
OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def _joined(left: Sum, sign: str, right: Sum) -> Sum:
    return f"({left[0]} {sign} {right[0]})", OPERATIONS[sign](left[1], right[1])


SUMS = st.recursive(
    st.integers(0, 99).map(lambda number: (str(number), number)),
    lambda inner: st.builds(_joined, inner, st.sampled_from("+-*"), inner),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(SUMS)
def test_whole_numbers_agree_with_python(written):
    text, value = written
    assert evaluate(text) == value
