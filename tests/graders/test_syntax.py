"""Syntax errors in Russian: what Python 3.11 really says, asked of it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import pytest

from graders.syntax import described, in_russian


def compiled(source: str) -> Any:
    return compile(source, "solution.py", "exec", dont_inherit=True)


def told(source: str, parse: Callable[[str], Any] = ast.parse) -> str:
    with pytest.raises(SyntaxError) as caught:
        parse(source)
    return described(caught.value)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("f(1 2)", "возможно, пропущена запятая"),
        ("if x = 1: pass", "возможно, нужно == вместо ="),
        ("x = = 2", "непонятно, начиная с «= 2»"),
        ("(1", "скобка «(» не закрыта"),
        ("1)", "лишняя скобка «)»"),
        ("(1]", "скобка «]» закрывает не ту скобку: открыта «(»"),
        ("(\n1]", "скобка «]» закрывает не ту скобку: открыта «(»"),
        ("'abc", "кавычки не закрыты"),
        ("'''abc", "тройные кавычки не закрыты"),
        ("def f()\n pass", "пропущено двоеточие"),
        ("def f():\npass", "после строки 1 нужен отступ"),
        (" x", "лишний отступ"),
        ("if 1:\n   x\n  y", "отступ не совпадает ни с одним из внешних"),
        ("if 1:\n\tx\n        y", "в отступах смешаны табуляции и пробелы"),
        ("try:\n  1\nx", "после try нужен except или finally"),
        ("f(a=1, 2)", "позиционный аргумент стоит после именованного"),
        ("1 = x", "этому нельзя присвоить значение; возможно, нужно == вместо ="),
        ("None = 1", "этому нельзя присвоить значение"),
        ("print 1", "print — функция: нужны скобки"),
        ("x = “a”", "недопустимый символ U+201C"),
        ("x\u00a0= 1", "недопустимый символ U+00A0"),
        ("1a", "число записано с ошибкой, или имя начинается с цифры"),
        ("01", "целое число не может начинаться с нуля"),
        ("x \\ 1", "после «\\» в строке что-то есть"),
        ("f'{a b}'", "в f-строке: возможно, пропущена запятая"),
        ("f'{'", "в f-строке: не хватает «}»"),
        ("{1: 2, 3}", "в словаре пропущено двоеточие"),
        ("f(x for x in y, 1)", "выражение-генератор нужно взять в скобки"),
    ],
)
def test_what_the_parser_says_is_told_in_russian(source: str, text: str) -> None:
    assert told(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("return 1", "return вне функции"),
        ("yield 1", "yield вне функции"),
        ("break", "break вне цикла"),
        ("continue", "continue вне цикла"),
        ("f(a=1, a=2)", "аргумент a передан дважды"),
        ("def f(a, a): pass", "аргумент a объявлен дважды"),
        (
            "def f():\n x = 1\n global x",
            "имя x использовано раньше, чем объявлено global",
        ),
        ("def f():\n nonlocal x", "для nonlocal x нет переменной во внешней функции"),
    ],
)
def test_what_the_compiler_says_too(source: str, text: str) -> None:
    assert told(source, compiled) == text


def test_what_is_not_known_is_told_as_it_is() -> None:
    assert in_russian("too many statically nested blocks") == (
        "too many statically nested blocks"
    )


def test_little_is_quoted_of_a_long_line() -> None:
    assert len(told("x = = " + "1" * 10_000)) < 100
