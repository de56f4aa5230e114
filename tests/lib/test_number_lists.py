from __future__ import annotations

from fractions import Fraction

import pytest

from quizsite.lib.expressions import ExpressionError
from quizsite.lib.number_lists import read_numbers

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1; 2; 3", [1, 2, 3]),
        ("(0,5; −1; 2/3)", [HALF, -1, Fraction(2, 3)]),
        ("[1, 2]", [1, 2]),
        ("{1;4}", [1, 4]),
        ("0,5; 0,5", [HALF, HALF]),
        ("1;2;", [1, 2]),
        ("1\n2", [1, 2]),
        ("7", [7]),
        ("(1 + 2)/3; 4", [1, 4]),
        ("(1+2)(3); (4)", [9, 4]),
        ("max(1; 2); 3", [2, 3]),
        ("∅", []),
        ("нет", []),
        ("{}", []),
        ("( )", []),
    ],
)
def test_lists_are_read_as_russians_write_them(text, numbers):
    assert read_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "offset", "words"),
    [
        ("1,2,3", 3, "точкой с запятой"),
        ("1 2", 2, "пропущен знак"),
        ("1;;2", 2, "пропущено число"),
        ("; 1", 0, "пропущено число"),
        ("{1; 2", 0, "скобка не закрыта"),
        ("[1; 2)", 0, "скобка не закрыта"),
        ("1; x", 3, "неизвестное имя"),
        ("1; 2 + #", 7, "неожиданный символ"),
        ("1; 1/0", 3, "деление на ноль"),
        ("1;" * 300, 400, "слишком длинно"),
    ],
)
def test_an_error_points_into_the_whole_list(text, offset, words):
    with pytest.raises(ExpressionError) as caught:
        read_numbers(text)
    assert words in caught.value.message
    assert caught.value.offset == offset
