"""What a piece of Python prints; blanks do not count, numbers are numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from django.utils.html import format_html
from django.utils.safestring import SafeString

from quizsite.lib.sourced_yaml import Document
from quizsite.lib.typed import LOOK_ALIKES
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import NearMiss, NearValue, read_near_misses
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import (
    BLANK,
    Body,
    Drawn,
    Marked,
    Parsed,
    Raw,
    VariantError,
    as_text,
    marked_near,
)

PRINTED_DECIMALS = 4  # of a tensor: a more precise number is right as well
ONLY_FORM = "Числа верны, но напечатано будет иначе: важны скобки, слова и точки."
LONGEST_NUMBER = 400  # characters; Python itself reads no more than 4300 digits
_TOKEN = re.compile(
    r"(?P<number>(?<![\w.])[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?(?!\w))"
    r"|(?P<word>\w+)|(?P<sign>\S)"
)
_REPAIR = str.maketrans(
    {
        **LOOK_ALIKES,
        "−": "-",
        "–": "-",
        "“": '"',
        "”": '"',
        "’": "'",
        "«": '"',
        "»": '"',
    }
)
Token = str | Fraction


def tokens(text: str) -> tuple[Token, ...]:
    """The printed text without blanks, its numbers as numbers."""
    found = _TOKEN.finditer(text.translate(_REPAIR))
    return tuple(_token(match) for match in found)


def _token(match: re.Match[str]) -> Token:
    if match["number"] and len(match[0]) <= LONGEST_NUMBER:
        return Fraction(match[0])
    return match[0].replace('"', "'")


def same(given: tuple[Token, ...], wanted: str) -> bool:
    expected = tokens(wanted)
    if len(given) != len(expected):
        return False
    printed = [m[0] for m in _TOKEN.finditer(wanted.translate(_REPAIR))]
    triples = zip(given, expected, printed, strict=True)
    return all(_same_token(*triple) for triple in triples)


def _same_token(given: Token, wanted: Token, printed: str) -> bool:
    if isinstance(given, str) or isinstance(wanted, str):
        return given == wanted
    decimals = len(printed.partition(".")[2]) if "e" not in printed.lower() else 0
    if decimals < PRINTED_DECIMALS:
        return given == wanted
    return abs(given - wanted) <= Fraction(1, 2 * 10**decimals)


def _numbers(found: tuple[Token, ...]) -> list[Fraction]:
    return [one for one in found if isinstance(one, Fraction)]


@dataclass(frozen=True)
class Control:
    value: str
    lines: int


@dataclass(frozen=True)
class CodeOutput(Drawn):
    code: str
    answer: str
    near_misses: tuple[NearValue[str], ...]

    @property
    def key(self) -> Raw:
        return self.answer

    def parse(self, raw: Raw) -> Parsed:
        text = as_text(raw)
        if not text.strip():
            return Parsed(errors={"": "нужен текст"}) if raw and not text else BLANK
        return Parsed(tokens(text))

    def mark(self, parsed: Parsed) -> Marked:
        given: tuple[Token, ...] = parsed.value or ()
        if not given:
            return Marked(0.0)
        if same(given, self.answer):
            return Marked(1.0)
        for miss in self.near_misses:
            if same(given, miss.value):
                return marked_near(miss.near)
        wanted = _numbers(tokens(self.answer))
        if wanted and _numbers(given) == wanted:
            return Marked(0.0, (ONLY_FORM,), slips=("form",))
        return Marked(0.0)

    def show(self, raw: Raw) -> SafeString:
        return format_html("<pre><code>{}</code></pre>", as_text(raw).strip())

    def controls(self, raw: Raw, parsed: Parsed) -> Control:
        lines = self.answer.count("\n") + 1
        return Control(as_text(raw), lines)

    def wrong_answers(self) -> list[Raw]:
        return [miss.value for miss in self.near_misses]


@dataclass(frozen=True)
class CodeOutputBody(Body):
    code: Template
    answer: Template
    near_misses: tuple[NearMiss[Template], ...]
    type = "code_output"
    required = frozenset({"code", "answer"})
    optional = frozenset({"near_misses"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        def read_code(part: Document) -> Template:
            return scope.template(part, "code")

        code, answer = map(read_code, map(document.child, ("code", "answer")))
        return cls(code, answer, read_near_misses(document, scope, read_code))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        answer = self.answer.plain(values).strip()
        misses = tuple(
            NearValue(miss.answer.plain(values).strip(), miss.near(values))
            for miss in self.near_misses
        )
        for miss in misses:
            if same(tokens(miss.value), answer):
                where = f"near_misses{miss.near.slip}"
                raise VariantError(f"{where} совпадает с ответом {answer}")
        return CodeOutput(self.code.plain(values).rstrip(), answer, misses)
