"""``parsons`` in a file: the program, its distractors, what may change places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import NOTHING_NEAR, Near
from quizsite.quizzes.parameters import Values
from quizsite.quizzes.scope import Scope
from quizsite.quizzes.texts import Template
from quizsite.quizzes.types.base import Body, Drawn, VariantError
from quizsite.quizzes.types.parsons import INDENT, MAX_INDENT, Line, Program, Slot

LINES = range(3, 13)
MAX_DISTRACTORS = 6


@dataclass(frozen=True)
class Distractor:
    line: Template
    hint: Template
    tag: str


@dataclass(frozen=True)
class ParsonsBody(Body):
    lines: Template  # the right program
    distractors: tuple[Distractor, ...]
    any_order: tuple[tuple[int, ...], ...]  # of line numbers, from 1
    indented: bool
    type = "parsons"
    required = frozenset({"lines"})
    optional = frozenset({"distractors", "any_order", "indent"})

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        part = document.child("lines")
        lines = scope.template(part, "code")
        program = _code_lines(lines.source)
        if len(program) not in LINES:
            raise part.error(f"строк должно быть от {LINES.start} до {LINES.stop - 1}")
        for line in program:
            _check_indent(part, line)
        return cls(
            lines,
            _read_distractors(document, scope),
            _read_groups(document, len(program)),
            document.get("indent", bool, True),
        )

    def draw(self, values: Values, dice: Dice) -> Drawn:
        program = _code_lines(self.lines.plain(values))
        texts = [line.strip() for line in program]
        extra = [one.line.plain(values).strip() for one in self.distractors]
        if set(texts) & set(extra):
            raise VariantError("лишняя строка есть в самой программе")
        indents = list(map(_indent, program))
        slots = self._slots(texts, indents)
        origins = self._shuffled(len(texts), len(extra), dice)
        near = [
            Near(one.hint.plain(values), f"distractor:{number}", one.tag)
            for number, one in enumerate(self.distractors)
        ]
        lines = tuple(
            Line(str(place), text, rank, NOTHING_NEAR if rank is not None else why)
            for place, (text, rank, why) in enumerate(
                (_line(origin, texts, extra, near) for origin in origins), start=1
            )
        )
        return Program(lines, slots, self.indented)

    def _slots(self, texts: Sequence[str], indents: Sequence[int]) -> tuple[Slot, ...]:
        groups = list(range(len(texts)))
        for numbers in self.any_order:
            for number in numbers:
                groups[number - 1] = numbers[0] - 1
        for place, text in enumerate(texts):  # the same text joins two groups
            old, new = groups[place], groups[texts.index(text)]
            groups = [new if group == old else group for group in groups]
        for group in set(groups) if self.indented else ():
            _refuse_uneven(group, groups, indents)
        return tuple(map(Slot, indents, groups))

    def _shuffled(self, lines: int, extra: int, dice: Dice) -> list[int]:
        """The right program is never shown as it is."""
        right = list(range(lines + extra))
        for turn in range(20):
            order = dice.shuffled(right, f"lines/{turn}")
            if [one for one in order if one < lines] != right[:lines]:
                return order
        return right[::-1]


def _refuse_uneven(group: int, groups: list[int], indents: Sequence[int]) -> None:
    members = [place for place, one in enumerate(groups) if one == group]
    if len({indents[place] for place in members}) > 1:
        numbers = ", ".join(str(place + 1) for place in members)
        raise VariantError(f"строки {numbers} взаимозаменяемы, а отступы у них разные")


def _line(
    origin: int, texts: Sequence[str], extra: Sequence[str], near: Sequence[Near]
) -> tuple[str, int | None, Near]:
    if origin < len(texts):
        return texts[origin], origin, NOTHING_NEAR
    return extra[origin - len(texts)], None, near[origin - len(texts)]


def _code_lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def _indent(line: str) -> int:
    return (len(line) - len(line.lstrip(" "))) // INDENT


def _check_indent(document: Document, line: str) -> None:
    blanks = len(line) - len(line.lstrip())
    if "\t" in line[:blanks] or blanks % INDENT or blanks > INDENT * MAX_INDENT:
        raise document.error(
            f"«{line.strip()}»: отступ — {INDENT} пробела на уровень, "
            f"не больше {MAX_INDENT} уровней"
        )


def _read_distractors(document: Document, scope: Scope) -> tuple[Distractor, ...]:
    if "distractors" not in document.value:
        return ()
    parts = list(document.child("distractors").items())
    if len(parts) > MAX_DISTRACTORS:
        message = f"лишних строк может быть не больше {MAX_DISTRACTORS}"
        raise document.child("distractors").error(message)
    return tuple(_read_distractor(part, scope) for part in parts)


def _read_distractor(document: Document, scope: Scope) -> Distractor:
    document.keys(required={"line", "hint"}, optional={"tag"})
    line = scope.template(document.child("line"), "code")
    if len(_code_lines(line.source)) > 1:
        raise document.child("line").error("здесь нужна одна строка")
    hint = scope.template(document.child("hint"))
    return Distractor(line, hint, document.get("tag", str, ""))


def _read_groups(document: Document, count: int) -> tuple[tuple[int, ...], ...]:
    """``any_order: [[2, 3]]``: numbers of neighbouring lines that may change places."""
    if "any_order" not in document.value:
        return ()
    return tuple(
        _read_group(part, count) for part in document.child("any_order").items()
    )


def _read_group(document: Document, count: int) -> tuple[int, ...]:
    numbers = sorted(part.expect(int) for part in document.items())
    neighbours = numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    if len(numbers) < 2 or not neighbours or numbers[0] < 1 or numbers[-1] > count:
        raise document.error(f"нужны номера соседних строк от 1 до {count}")
    return tuple(numbers)
