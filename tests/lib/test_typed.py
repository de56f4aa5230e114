from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.typed import look_alikes_in, read_typed, repair

NAMES = ["x", "y", "t", "z1", "z2", "eta", "n"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2x", "2*x"),
        ("2 x", "2 *x"),
        ("2(x+1)", "2*(x+1)"),
        ("(x+1)(x-1)", "(x+1)*(x-1)"),
        ("x(x+1)", "x*(x+1)"),
        ("2x^2", "2*x**2"),
        ("2ln(x)", "2*ln(x)"),
        ("x^(2)(y)", "x**(2)*(y)"),
        ("2e3x", "2e3*x"),
        ("π(x)", "pi*(x)"),
        ("3,5х", "3.5*x"),  # Cyrillic х
        ("2η + σ", "2*eta + sigma"),
        ("z₁ + z₂", "z1 + z2"),
        ("x²y", "x**(2)*y"),
        ("√x + √(y) + √2", "sqrt(x) + sqrt (y) + sqrt(2)"),
        ("Ln(x) + EXP(y)", "ln(x) + exp(y)"),
        ("th(x) + σ(y)", "tanh(x) + sigmoid(y)"),
        ("x ⋅ y ÷ 2 − 1", "x * y / 2 - 1"),
        ("1 if x else 2", "1 if x else 2"),
    ],
)
def test_what_is_typed_becomes_the_language(text, read):
    assert repair(text, names=NAMES).text == read


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("1/2x", 3, "всё ли это в знаменателе"),
        ("x/y(t)", 3, "всё ли это в знаменателе"),
        ("1/ln(x)y", 7, "всё ли это в знаменателе"),
        ("2^3x", 3, "всё ли это в показателе"),
        ("x^y(t)", 3, "всё ли это в показателе"),
        ("1 2", 2, "пропущен знак перед 2"),
        ("(x)2", 3, "пропущен знак перед 2"),
        ("x y", 2, "пропущен знак между «x» и «y»"),
        ("ln x", 3, "нужны скобки: ln(x)"),
        ("√ln(x)", 1, "нужны скобки"),
        ("xy", 0, "пишите x*y"),
        ("x + q", 4, "можно: x, y"),
        ("x + ta", 4, "может быть, «eta»?"),
        ("2ηy", 2, "пропущен знак между «eta» и «y»"),
        ("max(1,2)", 0, "разделяйте их точкой с запятой"),
        ("|x|", 0, "abs(x)"),
        ("n!", 1, "factorial(n)"),
        ("\\frac{1}{2}", 0, "LaTeX"),
        ("x = 2", 2, "без знака равенства"),
        ("[x]", 0, "только круглые"),
        ("2·ж", 2, "латинскими буквами"),
        ("x + " + "(" * 41 + ")" * 41, 44, "вложенных скобок"),
        ("1" * 401, 400, "слишком длинно"),
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused(text, offset, words):
    with pytest.raises(ExpressionError) as caught:
        read_typed(text, names=NAMES)
    assert words in caught.value.message
    assert caught.value.offset == offset


def test_an_error_found_later_points_at_what_was_typed():
    typed = read_typed("  √x + 2y", names=NAMES)
    product = typed.expression.tree.right  # 2*y
    assert typed.error("там", product.col_offset).offset == 7


def test_the_reader_is_told_which_letters_were_repaired():
    assert look_alikes_in("ехр(х) + e") == (
        "русские буквы прочитаны как латинские: е → e, х → x, р → p"
    )
    assert look_alikes_in("exp(x)") == ""


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.text(alphabet="0123456789xyntехπη₁²√^×·−+-*/(),;. |!=lnexpif", max_size=40))
def test_every_character_knows_where_it_came_from(text):
    try:
        repaired = repair(text, names=NAMES)
    except ExpressionError as error:
        assert 0 <= error.offset <= len(text)
        return
    assert len(repaired.text) == len(repaired.origins)
    assert list(repaired.origins) == sorted(repaired.origins)
    assert all(0 <= origin < max(len(text), 1) for origin in repaired.origins)
