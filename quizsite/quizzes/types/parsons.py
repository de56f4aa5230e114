"""Lines of code to put in order and to indent; some of them may not belong there.

A raw answer gives each shown line its place ("" if it is left out) and the number of
its indents. Lines with the same text are interchangeable, and so are those that the
author says may come in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from quizsite.quizzes.near_misses import Near
from quizsite.quizzes.types.base import (
    BLANK,
    Drawn,
    Marked,
    Parsed,
    Part,
    Raw,
    as_dict,
    unique,
)

INDENT = 4  # blanks
MAX_INDENT = 5


@dataclass(frozen=True)
class Line:
    """A line as shown; ``rank`` is where it belongs, None if nowhere."""

    id: str
    text: str
    rank: int | None
    near: Near  # what using a line that does not belong confuses


@dataclass(frozen=True)
class Slot:
    """A place of the right program."""

    indent: int
    group: int  # lines of one group may change places


@dataclass(frozen=True)
class Placed:
    """A line where the reader put it."""

    line: Line
    indent: int


@dataclass(frozen=True)
class Control:
    line: Line
    place: str
    indent: str


@dataclass(frozen=True)
class Program(Drawn):
    lines: tuple[Line, ...]
    slots: tuple[Slot, ...]
    indented: bool  # whether the reader indents the lines

    @property
    def field_ids(self) -> Sequence[str]:
        ids = [line.id for line in self.lines]
        return ids + [f"{one}i" for one in ids] if self.indented else ids

    @property
    def places(self) -> list[str]:
        return [str(place) for place in range(1, len(self.lines) + 1)]

    @property
    def indents(self) -> list[str]:
        return [str(indent) for indent in range(MAX_INDENT + 1)]

    @property
    def key(self) -> Raw:
        return self._raw([line for line in self.lines if line.rank is not None])

    def _raw(self, used: Sequence[Line]) -> dict[str, str]:
        """An answer that has each of these lines in its own place."""
        raw = dict.fromkeys(self.field_ids, "")
        for line in used:
            rank = line.rank or 0
            raw[line.id] = str(rank + 1)
            if self.indented:
                raw[f"{line.id}i"] = str(self.slots[rank].indent)
        return raw

    def parse(self, raw: Raw) -> Parsed:
        given = as_dict(raw, self.field_ids)
        places = {line.id: given[line.id] for line in self.lines if line.id in given}
        if not places:
            return BLANK
        errors = _wrong_places(places, self.places)
        errors |= {
            f"{one}i": "такого отступа нет"
            for one in places
            if given.get(f"{one}i", "0") not in self.indents
        }
        if errors:
            return Parsed(None, errors)
        used = [line for line in self.lines if line.id in places]
        used.sort(key=lambda line: int(places[line.id]))
        return Parsed([Placed(one, int(given.get(f"{one.id}i", "0"))) for one in used])

    def mark(self, parsed: Parsed) -> Marked:
        program: list[Placed] = parsed.value or []
        if not program:
            return Marked(0.0)
        verdicts = self._verdicts(program)
        share = self._share(program, verdicts)
        near = [one.line.near for one in program if one.line.rank is None]
        return Marked(
            share,
            unique([one.hint for one in near]),
            () if share == 1 else self._parts(program, verdicts),
            unique([one.slip for one in near]),
            unique([one.tag for one in near]),
        )

    def _share(self, program: list[Placed], verdicts: list[Verdict]) -> float:
        """What is in order beyond a first line, less the lines that are too many.

        A line of the longest part that is in order counts one, half of that if its
        indent is wrong; one line alone is always in order and gains nothing.
        """
        weight = sum(verdict.worth for verdict in verdicts)
        extra = sum(one.line.rank is None for one in program)
        share = (weight - 1) / (len(self.slots) - 1) - extra / len(self.slots)
        return min(1.0, max(0.0, share))

    def _verdicts(self, program: list[Placed]) -> list[Verdict]:
        ranks = _interchanged(program, self.slots)
        kept = set(_longest_in_order(ranks))
        if len(kept) == 1 < len(program):
            kept = set()  # one line alone is always in order
        base = min(one.indent for one in program) if self.indented else 0
        return [
            self._verdict(one, rank, index in kept, base)
            for index, (one, rank) in enumerate(zip(program, ranks, strict=True))
        ]

    def _verdict(self, one: Placed, rank: int | None, kept: bool, base: int) -> Verdict:
        if rank is None:
            return Verdict(0.0, "лишняя строка")
        if not kept:
            return Verdict(0.0, "не на своём месте")
        wanted, given = self.slots[rank].indent, one.indent - base
        if self.indented and given != wanted:
            return Verdict(0.5, f"отступ {given} не тот")
        return Verdict(1.0, "")

    def _parts(
        self, program: list[Placed], verdicts: list[Verdict]
    ) -> tuple[Part, ...]:
        parts = tuple(
            Part(f"`` {one.line.text} ``", verdict.worth == 1, verdict.note)
            for one, verdict in zip(program, verdicts, strict=True)
        )
        missing = len(self.slots) - sum(v.note != "лишняя строка" for v in verdicts)
        if missing > 0:
            parts += (Part("пропущены строки", False, f"сколько: {missing}"),)
        return parts

    def show(self, raw: Raw) -> SafeString:
        program: list[Placed] | None = self.parse(raw).value
        if not program:
            return format_html("<p>{}</p>", "программа собрана не полностью")
        text = "\n".join(self._shown(one) for one in program)
        return format_html("<pre><code>{}</code></pre>", text)

    def _shown(self, one: Placed) -> str:
        indent = one.indent
        if not self.indented and one.line.rank is not None:
            indent = self.slots[one.line.rank].indent
        return " " * INDENT * indent + one.line.text

    def controls(self, raw: Raw, parsed: Parsed) -> list[Control]:
        """In the reader's order once there is one; what is left out comes last."""
        given = as_dict(raw, self.field_ids)
        order = [one.line for one in parsed.value or ()]
        order += [line for line in self.lines if line not in order]
        return [
            Control(line, given.get(line.id, ""), given.get(f"{line.id}i", "0"))
            for line in order
        ]

    def wrong_answers(self) -> list[Raw]:
        """Turned round; each line too many added; not indented at all."""
        right = [line for line in self.lines if line.rank is not None]
        last = len(right) + 1
        key = self._raw(right)
        turned = {line.id: str(last - int(key[line.id])) for line in right}
        wrong: list[Raw] = [{**key, **turned}]
        wrong += [
            {**key, line.id: str(last)} for line in self.lines if line.rank is None
        ]
        if self.indented and any(slot.indent for slot in self.slots):
            wrong.append({**key, **{f"{line.id}i": "0" for line in right}})
        return wrong


@dataclass(frozen=True)
class Verdict:
    worth: float
    note: str


def _wrong_places(places: Mapping[str, str], known: Sequence[str]) -> dict[str, str]:
    counts = Counter(places.values())
    errors: dict[str, Any] = {}
    for identifier, place in places.items():
        if place not in known:
            errors[identifier] = "такого места нет"
        elif counts[place] > 1:
            errors[identifier] = f"место {place} выбрано дважды"
    return errors


def _interchanged(program: Sequence[Placed], slots: Sequence[Slot]) -> list[int | None]:
    """The lines' ranks; those of one group take its places in the reader's order."""
    free: dict[int, list[int]] = {}
    for one in program:
        if one.line.rank is not None:
            free.setdefault(slots[one.line.rank].group, []).append(one.line.rank)
    for ranks in free.values():
        ranks.sort(reverse=True)
    return [
        None if one.line.rank is None else free[slots[one.line.rank].group].pop()
        for one in program
    ]


def _longest_in_order(ranks: Sequence[int | None]) -> list[int]:
    """Where the longest increasing subsequence of the ranks stands."""
    best: list[list[int]] = []  # by where it ends
    for index, rank in enumerate(ranks):
        before: list[int] = []
        for earlier in range(index):
            known = ranks[earlier]
            longer = len(best[earlier]) > len(before)
            if rank is not None and known is not None and known < rank and longer:
                before = best[earlier]
        best.append([*before, index] if rank is not None else [])
    return max(best, key=len, default=[])
