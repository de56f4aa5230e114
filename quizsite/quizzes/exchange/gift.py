"""GIFT, the text format of https://docs.moodle.org/en/GIFT_format.

Questions are blocks between blank lines: ``// comment``, ``::name::``, the text, and
answers in braces, where ``=`` is right, ``~`` wrong, ``%50%`` a share, ``#`` feedback,
``####`` general feedback, ``->`` a pair, and a leading ``#`` a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape

from quizsite.quizzes.exchange.items import Answer, Exchange, Item, Kind, Unreadable

MAX_CHARS = 8 << 20
_SPECIAL = re.compile(r"([~=#{}:\\])")
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_NAME = re.compile(r"::((?:\\.|[^:\\])*)::", re.DOTALL)
_FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_OPENING = re.compile(r"(?<!\\)\{")
_BODY = re.compile(r"\{((?:\\.|[^}\\])*)\}", re.DOTALL)
_SHARE = re.compile(r"%(-?\d+(?:\.\d+)?)%")
_OPTION = re.compile(r"(?<!\\)(?=[=~])")
_TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}


def write(items: list[Item], category: str) -> str:
    """A file with the questions in one category."""
    blocks = [f"$CATEGORY: $course$/top/{category}", *map(_block, items)]
    return "\n\n".join(blocks) + "\n"


def _escaped(text: str) -> str:
    """On one line: a blank line would end the question."""
    return _SPECIAL.sub(r"\\\1", text.strip()).replace("\n", "\\n")


def _block(item: Item) -> str:
    explanation = f"\n####{_escaped(item.explanation)}" if item.explanation else ""
    body = "\n".join(_answers(item))
    head = f"::{_escaped(item.name)}::[html]{_escaped(item.text)}"
    return f"{head} {{{body}{explanation}\n}}"


def _answers(item: Item) -> Iterator[str]:
    if item.kind == "number":
        yield "#"
    for answer in item.answers:
        told = f"#{_escaped(answer.feedback)}" if answer.feedback else ""
        yield f"{_sign(item, answer)}{_value(item, answer)}{told}"
    for left, right in item.pairs:
        yield f"={_escaped(left)} -> {_escaped(right)}"
    for right in item.distractors:
        yield f"= -> {_escaped(right)}"


def _sign(item: Item, answer: Answer) -> str:
    if item.kind == "multiple":
        return f"~%{100 * answer.credit:.5f}%"
    if item.kind == "single":
        return "=" if answer.credit == 1 else "~"
    return "=" if answer.credit == 1 else f"=%{100 * answer.credit:g}%"


def _value(item: Item, answer: Answer) -> str:
    if item.kind == "number":
        return f"{answer.text}:{answer.tolerance:.12g}"
    return _escaped(answer.text)


def read(text: str) -> Exchange:
    """The questions of a file.

    Raises:
        Unreadable: it is too large, or holds no question at all.
    """
    if len(text) > MAX_CHARS:
        raise Unreadable(f"файл больше {MAX_CHARS >> 20} МБ: разделите его")
    exchange = Exchange()
    for number, block in enumerate(_blocks(text), start=1):
        _read(block, number, exchange)
    if not exchange.items and not exchange.losses:
        raise Unreadable("в файле нет ни одного вопроса GIFT")
    return exchange


def _blocks(text: str) -> Iterator[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    kept = (line for line in lines if not line.lstrip().startswith(("//", "$CATEGORY")))
    for block in re.split(r"\n\s*\n", "\n".join(kept)):
        if block.strip():
            yield block.strip()


def _read(block: str, number: int, exchange: Exchange) -> None:
    named = _NAME.match(block)
    name = _plain(named[1]) if named else f"вопрос {number}"
    rest = block[named.end() :].lstrip() if named else block
    # From the first brace only: trying each of a million would take for ever.
    opening = _OPENING.search(rest)
    body = opening and _BODY.match(rest, opening.start())
    if body is None:
        exchange.lose(name, "нет ответов в фигурных скобках: вопрос пропущен")
        return
    marked = _FORMAT.match(rest)
    reader = _Reader(name, exchange, is_html=_says_html(marked))
    text, after = rest[: body.start()], rest[body.end() :]
    item = reader.item(f"{text}_____{after}" if after.strip() else text, body[1])
    if item is not None:
        exchange.items.append(item)


def _says_html(marked: re.Match[str] | None) -> bool:
    return marked is not None and marked[1].lower() in ("html", "moodle")


def _cut(text: str, mark: str) -> tuple[str, str]:
    """Before and after the first mark that is not escaped."""
    found = re.search(rf"(?<!\\){mark}", text)
    return (text[: found.start()], text[found.end() :]) if found else (text, "")


@dataclass
class _Reader:
    """Reads one question; answers are in the format of its text."""

    name: str
    exchange: Exchange
    is_html: bool

    def html(self, text: str) -> str:
        text = text.strip()
        marked = _FORMAT.match(text)
        plain = _plain(text[marked.end() :] if marked else text)
        is_html = _says_html(marked) if marked else self.is_html
        return plain if is_html else escape(plain, quote=False)

    def item(self, text: str, body: str) -> Item | None:
        answers, explanation = _cut(body, "####")
        found = self._item(self.html(text), answers.strip())
        return found and replace(found, explanation=self.html(explanation))

    def _item(self, text: str, answers: str) -> Item | None:
        word = _cut(answers, "#")[0].strip().upper()
        if not answers:
            return Item(self.name, "essay", text)
        if word in _TRUTH:
            truth = _TRUTH[word]
            both = Answer("Верно", float(truth)), Answer("Неверно", float(not truth))
            return Item(self.name, "single", text, both)
        if answers.startswith("#"):
            numbers = tuple(self._numbers(answers[1:]))
            return Item(self.name, "number", text, numbers) if numbers else None
        options = [one.strip() for one in _OPTION.split(answers) if one.strip()]
        if all("->" in one for one in options):
            return self._matching(text, options)
        parsed = tuple(map(self._option, options))
        return Item(self.name, _kind(options), text, parsed)

    def _option(self, text: str) -> Answer:
        credit, rest = (1.0 if text[0] == "=" else 0.0), text.lstrip("=~").lstrip()
        if share := _SHARE.match(rest):
            credit, rest = float(share[1]) / 100, rest[share.end() :]
        value, feedback = _cut(rest, "#")
        return Answer(self.html(value), credit, self.html(feedback))

    def _matching(self, text: str, options: list[str]) -> Item:
        rows = [one.lstrip("=~").partition("->") for one in options]
        read = [(self.html(left), _plain(right)) for left, _, right in rows]
        pairs = tuple(row for row in read if row[0])
        extra = tuple(right for left, right in read if not left)
        return Item(self.name, "matching", text, pairs=pairs, distractors=extra)

    def _numbers(self, text: str) -> Iterator[Answer]:
        """``=3.5:0.1``, ``1..5``, several with shares."""
        for one in _OPTION.split(text):
            rest, feedback = _cut(one.strip().lstrip("=~"), "#")
            share = _SHARE.match(rest)
            number = (rest[share.end() :] if share else rest).strip()
            credit = float(share[1]) / 100 if share else 1.0
            if not number:
                continue
            try:
                yield _number(number, credit, self.html(feedback))
            except ValueError:
                self.exchange.lose(self.name, f"не число: {number[:40]}")


def _kind(options: list[str]) -> Kind:
    if all(one.startswith("=") for one in options):
        return "text"
    return "multiple" if any("%" in one[:2] for one in options) else "single"


def _number(text: str, credit: float, feedback: str) -> Answer:
    low, dots, high = text.partition("..")
    if dots:
        ends = float(low), float(high)
        width = abs(ends[1] - ends[0]) / 2
        return Answer(f"{sum(ends) / 2:.12g}", credit, feedback, width)
    value, _, tolerance = text.partition(":")
    return Answer(f"{float(value):.12g}", credit, feedback, float(tolerance or 0))


def _plain(text: str) -> str:
    """The text with what was escaped as it is meant."""
    return _ESCAPED.sub(
        lambda found: "\n" if found[1] == "n" else found[1], text
    ).strip()
