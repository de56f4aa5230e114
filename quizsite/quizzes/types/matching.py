"""Left things and the right thing for each, chosen from lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import (
    BLANK,
    Body,
    Drawn,
    Marked,
    Parsed,
    Part,
    Raw,
    VariantError,
    as_dict,
    unique,
)


@dataclass(frozen=True)
class Pair:
    left: Template
    right: Template
    hint: Template | None
    tag: str


@dataclass(frozen=True)
class Row:
    """A left thing of a variant; ``id`` is its place."""

    id: str
    label: str  # Markdown
    html: SafeString
    right: str  # the id of its right thing
    hint: str
    tag: str
    origin: int

    @property
    def explained(self) -> str:
        """The hint under its row's name; hints of several rows stand together."""
        name = " ".join(self.label.split())
        return f"**{name}**\n\n{self.hint}" if self.hint else ""


@dataclass(frozen=True)
class Choice:
    id: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Control:
    row: Row
    choices: list[Choice]


@dataclass(frozen=True)
class Matching(Drawn):
    rows: tuple[Row, ...]
    rights: tuple[str, ...]  # their ids are "1", "2", …

    @property
    def field_ids(self) -> Sequence[str]:
        return [row.id for row in self.rows]

    @property
    def key(self) -> Raw:
        return {row.id: row.right for row in self.rows}

    def parse(self, raw: Raw) -> Parsed:
        chosen = as_dict(raw, self.field_ids)
        if not chosen:
            return BLANK
        known = {str(number) for number in range(1, len(self.rights) + 1)}
        errors = {
            row: "такого варианта нет"
            for row, one in chosen.items()
            if one not in known
        }
        value = {row: one for row, one in chosen.items() if one in known}
        return Parsed(value, errors, complete=len(chosen) == len(self.rows))

    def mark(self, parsed: Parsed) -> Marked:
        chosen = parsed.value or {}
        wrong = [row for row in self.rows if chosen.get(row.id) != row.right]
        slipped = [row for row in wrong if row.id in chosen]
        return Marked(
            1 - len(wrong) / len(self.rows),
            unique([row.explained for row in slipped]),
            tuple(self._part(row, chosen.get(row.id)) for row in self.rows),
            tuple(f"pair:{row.origin}" for row in slipped),
            unique([row.tag for row in slipped]),
        )

    def _part(self, row: Row, chosen: str | None) -> Part:
        text = self._right(chosen) if chosen else "нет ответа"
        return Part(row.label, chosen == row.right, text)

    def _right(self, identifier: str) -> str:
        return self.rights[int(identifier) - 1]

    def show(self, raw: Raw) -> SafeString:
        chosen = self.parse(raw).value or {}
        pairs = (
            (row.html, self._right(chosen[row.id]) if row.id in chosen else "—")
            for row in self.rows
        )
        items = format_html_join("", "<dt>{}</dt><dd>{}</dd>", pairs)
        return format_html("<dl class='answer-fields'>{}</dl>", items)

    def controls(self, raw: Raw, parsed: Parsed) -> list[Control]:
        chosen = as_dict(raw, self.field_ids)
        return [
            Control(row, self._choices(chosen.get(row.id, ""))) for row in self.rows
        ]

    def _choices(self, chosen: str) -> list[Choice]:
        numbered = enumerate(self.rights, start=1)
        return [Choice(str(n), text, str(n) == chosen) for n, text in numbered]

    def wrong_answers(self) -> list[Raw]:
        wrong: list[Raw] = []
        for row in self.rows:
            others = (str(n + 1) for n in range(len(self.rights)))
            other = next(one for one in others if one != row.right)
            wrong.append({**{r.id: r.right for r in self.rows}, row.id: other})
        return wrong


@dataclass(frozen=True)
class MatchingBody(Body):
    pairs: tuple[Pair, ...]
    distractors: tuple[Template, ...]
    shuffle: bool
    type = "matching"
    required = frozenset({"pairs"})
    optional = frozenset({"distractors", "shuffle"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        part = document.child("pairs")
        pairs = tuple(_read_pair(one, scope) for one in part.items())
        if not 2 <= len(pairs) <= 12:
            raise part.error("пар должно быть от 2 до 12")
        distractors = ()
        if "distractors" in document.value:
            extra = document.child("distractors").items()
            distractors = tuple(scope.template(one, "prose") for one in extra)  # type: ignore[assignment]
        return cls(pairs, distractors, document.get("shuffle", bool, True))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        rights = [pair.right.plain(values) for pair in self.pairs]
        extra = [one.plain(values) for one in self.distractors]
        if set(rights) & set(extra):
            raise VariantError("distractor совпадает с верным ответом одной из пар")
        options = dice.shuffled(list(dict.fromkeys(rights + extra)), "rights")
        if len(options) < 2:
            raise VariantError("справа нужно хотя бы два разных варианта")
        order = list(range(len(self.pairs)))
        if self.shuffle:
            order = dice.shuffled(order, "rows")
        rows = tuple(
            _row(self.pairs[origin], values, place, options, origin)
            for place, origin in enumerate(order, start=1)
        )
        return Matching(rows, tuple(options))


def _read_pair(document: Document, scope: Scope) -> Pair:
    document.keys(required={"left", "right"}, optional={"hint", "tag"})
    return Pair(
        scope.template(document.child("left")),
        scope.template(document.child("right"), "prose"),
        scope.optional(document, "hint"),
        document.get("tag", str, ""),
    )


def _row(
    pair: Pair, values: Values, place: int, options: list[str], origin: int
) -> Row:
    right = str(options.index(pair.right.plain(values)) + 1)
    hint = pair.hint.plain(values) if pair.hint else ""
    label, html = pair.left.plain(values), pair.left.inline(values)
    return Row(str(place), label, html, right, hint, pair.tag, origin)
