"""One option of several, or several of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from quizsite.lib.expressions import Expression
from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.near_misses import Near
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
    as_list,
    as_text,
    marked_near,
    unique,
)


@dataclass(frozen=True)
class Option:
    text: Template
    correct: bool | Expression
    hint: Template | None
    tag: str

    def is_correct(self, values: Values) -> bool:
        if isinstance(self.correct, bool):
            return self.correct
        return self.correct.holds(values)


@dataclass(frozen=True)
class Choice:
    """An option of a variant; ``id`` is its place, so that it gives nothing away."""

    id: str
    html: SafeString
    correct: bool
    near: Near  # what choosing it wrongly confuses
    origin: int  # its number in the file


@dataclass(frozen=True)
class Control:
    id: str
    html: SafeString
    checked: bool


@dataclass(frozen=True)
class Choices(Drawn):
    choices: tuple[Choice, ...]

    @property
    def right(self) -> list[str]:
        return [one.id for one in self.choices if one.correct]

    def chosen(self, raw: Raw) -> list[str]:
        given = as_list(raw) if self.many else [as_text(raw)]
        return [one.id for one in self.choices if one.id in given]

    def parse(self, raw: Raw) -> Parsed:
        given = self.chosen(raw)
        if given:
            return Parsed(given)
        return Parsed(errors={"": "такого варианта нет"}) if raw else BLANK

    def show(self, raw: Raw) -> SafeString:
        chosen = [one for one in self.choices if one.id in self.chosen(raw)]
        if not self.many and chosen:
            return chosen[0].html
        items = format_html_join("", "<li>{}</li>", ((one.html,) for one in chosen))
        return format_html("<ul>{}</ul>", items)

    def controls(self, raw: Raw, parsed: Parsed) -> list[Control]:
        given = self.chosen(raw)
        return [Control(one.id, one.html, one.id in given) for one in self.choices]


@dataclass(frozen=True)
class SingleChoice(Choices):
    @property
    def key(self) -> Raw:
        return self.right[0]

    def mark(self, parsed: Parsed) -> Marked:
        chosen = [one for one in self.choices if one.id in (parsed.value or ())]
        if not chosen or chosen[0].correct:
            return Marked(1.0 if chosen else 0.0)
        return marked_near(chosen[0].near)

    def wrong_answers(self) -> list[Raw]:
        return [one.id for one in self.choices if not one.correct]


@dataclass(frozen=True)
class MultipleChoice(Choices):
    many: ClassVar[bool] = True

    @property
    def key(self) -> Raw:
        return list(self.right)

    def mark(self, parsed: Parsed) -> Marked:
        """The share of right options less the share of wrong ones, at least 0.

        Choosing everything gains nothing, and neither, on the average, does one more
        option chosen at random.
        """
        given = set(parsed.value or ())
        if not given:
            return Marked(0.0)
        faults = [one for one in self.choices if (one.id in given) != one.correct]
        right = [one for one in self.choices if one.correct]
        wrong = [one for one in self.choices if not one.correct]
        hits = sum(one.id in given for one in right) / len(right)
        misses = sum(one.id in given for one in wrong) / max(len(wrong), 1)
        near = [one.near for one in faults]
        return Marked(
            max(0.0, hits - misses),
            unique([one.hint for one in near]),
            slips=unique([one.slip for one in near]),
            tags=unique([one.tag for one in near]),
        )

    def wrong_answers(self) -> list[Raw]:
        everything = [one.id for one in self.choices]
        singles: list[Raw] = [[one.id] for one in self.choices if not one.correct]
        return [*singles, everything] if singles else []


@dataclass(frozen=True)
class ChoiceBody(Body):
    options: tuple[Option, ...]
    shuffle: bool
    required = frozenset({"options"})
    optional = frozenset({"shuffle"})
    drawn: ClassVar[type[Choices]]

    @classmethod
    def read(cls, document: Document, scope: Scope) -> Body:
        part = document.child("options")
        options = tuple(_read_option(one, scope) for one in part.items())
        if not 2 <= len(options) <= 12:
            raise part.error("вариантов должно быть от 2 до 12")
        if not any(one.correct is not False for one in options):
            raise part.error("ни один вариант не отмечен correct")
        return cls(options, document.get("shuffle", bool, True))

    def draw(self, values: Values, dice: Dice) -> Drawn:
        order = list(range(len(self.options)))
        if self.shuffle:
            order = dice.shuffled(order, "options")
        choices = tuple(
            _choice(self.options[origin], values, str(place), origin)
            for place, origin in enumerate(order, start=1)
        )
        self.check(choices)
        return self.drawn(choices)

    def check(self, choices: tuple[Choice, ...]) -> None:
        if len({one.html for one in choices}) < len(choices):
            raise VariantError("два варианта ответа одинаковы")
        if not any(one.correct for one in choices):
            raise VariantError("ни один вариант ответа не верен")


class SingleBody(ChoiceBody):
    type = "single"
    drawn = SingleChoice

    def check(self, choices: tuple[Choice, ...]) -> None:
        super().check(choices)
        if sum(one.correct for one in choices) > 1:
            raise VariantError("верных вариантов больше одного")


class MultipleBody(ChoiceBody):
    type = "multiple"
    drawn = MultipleChoice


def _read_option(document: Document, scope: Scope) -> Option:
    document.keys(required={"text", "correct"}, optional={"hint", "tag"})
    flag = document.child("correct")
    correct: bool | Expression
    correct = flag.value if isinstance(flag.value, bool) else scope.expression(flag)
    hint = scope.optional(document, "hint")
    if correct is not True and hint is None:
        raise document.error("у неверного варианта нет hint: объясните, что спутано")
    text = scope.template(document.child("text"))
    return Option(text, correct, hint, document.get("tag", str, ""))


def _choice(option: Option, values: Values, place: str, origin: int) -> Choice:
    hint = option.hint.plain(values) if option.hint else ""
    near = Near(hint, f"option:{origin}", option.tag)
    html = option.text.inline(values)
    return Choice(place, html, option.is_correct(values), near, origin)
