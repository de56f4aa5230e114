"""What Python says of a syntax error, in Russian.

The commonest of CPython 3.11's messages (Parser/, Python/compile.c, symtable.c); what
is not among them is quoted as it is. Free of torch.
"""

from __future__ import annotations

import re
from functools import cache

# Message -> Russian; groups are put in by number. The first that matches counts.
MESSAGES = {
    r"invalid syntax\. Perhaps you forgot a comma\?": "возможно, пропущена запятая",
    r"invalid syntax\. Maybe you meant '==' or ':=' instead of '='\?": (
        "возможно, нужно == вместо ="
    ),
    r"invalid syntax": "здесь ожидалось другое",
    r"'(.)' was never closed": r"скобка «\1» не закрыта",
    r"unmatched '(.)'": r"лишняя скобка «\1»",
    r"closing parenthesis '(.)' does not match opening parenthesis '(.)'"
    r"(?: on line (\d+))?": r"скобка «\1» закрывает не ту скобку: открыта «\2»",
    r"unterminated string literal.*": "кавычки не закрыты",
    r"unterminated triple-quoted string literal.*": "тройные кавычки не закрыты",
    r"expected ':'": "пропущено двоеточие",
    r"expected '(.+)'": r"здесь ожидается «\1»",
    r"expected an indented block after .* on line (\d+)": (
        r"после строки \1 нужен отступ"
    ),
    r"expected 'except' or 'finally' block": "после try нужен except или finally",
    r"unexpected indent": "лишний отступ",
    r"unindent does not match any outer indentation level": (
        "отступ не совпадает ни с одним из внешних"
    ),
    r"inconsistent use of tabs and spaces in indentation": (
        "в отступах смешаны табуляции и пробелы"
    ),
    r"unexpected EOF while parsing": "код обрывается",
    r"expecting '(.)'": r"не хватает «\1»",
    r"':' expected after dictionary key": "в словаре пропущено двоеточие",
    r"Generator expression must be parenthesized": (
        "выражение-генератор нужно взять в скобки"
    ),
    r"'(return|yield|await|yield from)' outside function": r"\1 вне функции",
    r"'(break|continue)' (?:outside loop|not properly in loop)": r"\1 вне цикла",
    r"non-default argument follows default argument": (
        "аргумент без значения по умолчанию стоит после аргумента с ним"
    ),
    r"positional argument follows keyword argument.*": (
        "позиционный аргумент стоит после именованного"
    ),
    r"keyword argument repeated: (\w+)": r"аргумент \1 передан дважды",
    r"duplicate argument '(\w+)' in function definition": (
        r"аргумент \1 объявлен дважды"
    ),
    r"cannot assign to (.+?) here\. Maybe you meant '==' instead of '='\?": (
        "этому нельзя присвоить значение; возможно, нужно == вместо ="
    ),
    r"cannot (?:assign to|delete) .+": "этому нельзя присвоить значение",
    r"name '(\w+)' is (?:used|assigned to) (?:prior to|before) global declaration": (
        r"имя \1 использовано раньше, чем объявлено global"
    ),
    r"no binding for nonlocal '(\w+)' found": (
        r"для nonlocal \1 нет переменной во внешней функции"
    ),
    r"Missing parentheses in call to '(\w+)'\. .*": r"\1 — функция: нужны скобки",
    r"invalid (?:non-printable )?character .*\(?(U\+[0-9A-F]+)\)?": (
        r"недопустимый символ \1"
    ),
    r"invalid (?:decimal|hexadecimal|octal|binary|imaginary) literal": (
        "число записано с ошибкой, или имя начинается с цифры"
    ),
    r"leading zeros in decimal integer literals are not permitted.*": (
        "целое число не может начинаться с нуля"
    ),
    r"unexpected character after line continuation character": (
        r"после «\\" "» в строке что-то есть"
    ),
    r"source code string cannot contain null bytes": (
        "в нём есть нулевые байты (null bytes)"
    ),
    r"Exceeds the limit \(\d+ digits\) for integer string conversion.*": (
        "слишком длинное число"
    ),
}  # fmt: skip
F_STRING = "f-string: "
NEARBY = 40  # characters


def described(error: SyntaxError) -> str:
    """What is wrong; where Python does not say, the text that it stopped at."""
    text = in_russian(error.msg)
    start = (error.offset or 0) - 1
    rest = (error.text or "")[start:].strip() if start >= 0 else ""
    if error.msg == "invalid syntax" and rest:
        return f"непонятно, начиная с «{rest[:NEARBY]}»"
    return text


def in_russian(message: str) -> str:
    """The message in Russian, or as it is; without a full stop."""
    if message.startswith(F_STRING):
        return f"в f-строке: {in_russian(message.removeprefix(F_STRING))}"
    for pattern, text in _patterns():
        if found := pattern.fullmatch(message):
            return found.expand(text)
    return message


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern), text) for pattern, text in MESSAGES.items()]
