"""Things to put in order; partial credit by the longest common subsequence."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
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
)


def longest_increasing(numbers: Sequence[int]) -> int:
    """Length of the longest increasing subsequence: what already is in order."""
    ends: list[int] = []
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)


@dataclass(frozen=True)
class Item:
    """A thing as shown; ``id`` is where it is shown, ``rank`` where it belongs."""

    id: str
    label: str  # Markdown
    html: SafeString
    rank: int


@dataclass(frozen=True)
class Control:
    item: Item
    place: str


@dataclass(frozen=True)
class Ordering(Drawn):
    """A raw answer says for each shown item which place (from 1) it takes."""

    items: tuple[Item, ...]

    @property
    def field_ids(self) -> Sequence[str]:
        return [item.id for item in self.items]

    @property
    def places(self) -> list[str]:
        return [str(place) for place in range(1, len(self.items) + 1)]

    @property
    def key(self) -> Raw:
        return {item.id: str(item.rank) for item in self.items}

    def parse(self, raw: Raw) -> Parsed:
        given = as_dict(raw, self.field_ids)
        if not given:
            return BLANK
        missing = [item.id for item in self.items if item.id not in given]
        errors = dict.fromkeys(missing, "выберите место")
        counts = Counter(given.values())
        for identifier, place in given.items():
            if place not in self.places:
                errors[identifier] = "такого места нет"
            elif counts[place] > 1:
                errors[identifier] = f"место {place} выбрано дважды"
        if errors:
            return Parsed(None, errors)
        return Parsed(sorted(self.items, key=lambda item: int(given[item.id])))

    def mark(self, parsed: Parsed) -> Marked:
        order: list[Item] = parsed.value or []
        if not order:
            return Marked(0.0)
        kept = longest_increasing([item.rank for item in order])
        share = (kept - 1) / (len(order) - 1)  # one item alone is always in order
        parts = tuple(  # with the reader's places: the right ones are the key
            Part(item.label, item.rank == place, f"у вас место {place}")
            for place, item in enumerate(order, start=1)
        )
        return Marked(share, parts=() if share == 1 else parts)

    def show(self, raw: Raw) -> SafeString:
        order = self.parse(raw).value
        if not order:
            return format_html("<p>{}</p>", "порядок указан не полностью")
        items = format_html_join("", "<li>{}</li>", ((item.html,) for item in order))
        return format_html("<ol>{}</ol>", items)

    def controls(self, raw: Raw, parsed: Parsed) -> list[Control]:
        """In the reader's order once there is one, else as shuffled."""
        given = as_dict(raw, self.field_ids)
        items = parsed.value or self.items
        return [Control(item, given.get(item.id, "")) for item in items]

    def wrong_answers(self) -> list[Raw]:
        last = len(self.items) + 1
        return [{item.id: str(last - item.rank) for item in self.items}]


@dataclass(frozen=True)
class OrderingBody(Body):
    items: tuple[Template, ...]
    type = "ordering"
    required = frozenset({"items"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        items = scope.templates(document, "items")
        if not 3 <= len(items) <= 7:
            raise document.child("items").error("упорядочивают от 3 до 7 строк")
        return cls(items)

    def draw(self, values: Values, dice: Dice) -> Drawn:
        labels = [item.plain(values) for item in self.items]
        if len(set(labels)) < len(labels):
            raise VariantError("две строки одинаковы")
        ranks = self._shuffled(dice)
        return Ordering(
            tuple(
                Item(str(n), labels[rank], self.items[rank].inline(values), rank + 1)
                for n, rank in enumerate(ranks, start=1)
            )
        )

    def _shuffled(self, dice: Dice) -> list[int]:
        """Never the right order itself: that would look like an answer."""
        right = list(range(len(self.items)))
        for turn in range(20):
            ranks = dice.shuffled(right, f"items/{turn}")
            if ranks != right:
                return ranks
        return right[::-1]
