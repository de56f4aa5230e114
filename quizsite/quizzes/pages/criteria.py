"""The criteria of an open answer with what its reader and an instructor chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quizsite.lib.numbers import format_number
from quizsite.quizzes.types.open import Open
from quizsite.quizzes.types.rubric import Criterion, Level, Levels


@dataclass(frozen=True)
class Choice:
    """One level of a criterion, to be chosen."""

    value: int
    level: Level
    own: bool
    given: bool

    @property
    def digit(self) -> int:
        """The key that chooses it."""
        return self.value + 1


@dataclass(frozen=True)
class Row:
    """A fact, or a row of a rubric; None: nobody has said anything of it."""

    criterion: Criterion
    is_fact: bool
    own: int | None
    given: int | None

    @property
    def number(self) -> int:
        return self.criterion.number

    @property
    def html(self) -> SafeString:
        return self.criterion.html

    @property
    def choices(self) -> list[Choice]:
        return [
            Choice(value, level, value == self.own, value == self.given)
            for value, level in enumerate(self.criterion.levels)
        ]

    @property
    def own_text(self) -> str:
        return self._text(self.own)

    @property
    def given_text(self) -> str:
        return self._text(self.given)

    def _text(self, value: int | None) -> str:
        if value is None:
            return ""
        if self.is_fact:
            return _("есть") if value else _("нет")
        points = self.criterion.levels[value].points_text
        said = {"given": points, "most": self.criterion.most_text}
        return _("%(given)s из %(most)s") % said

    @property
    def chosen(self) -> SafeString:
        """The words of the level that counts: the instructor's, else the reader's."""
        value = self.own if self.given is None else self.given
        return SafeString() if value is None else self.criterion.levels[value].html

    @property
    def differs(self) -> bool:
        return None not in (self.own, self.given) and self.own != self.given


def rows_of(
    drawn: Open,
    own: Sequence[int | None] | None,
    given: Sequence[int | None] | None,
) -> list[Row]:
    none = [None] * len(drawn.criteria)
    return [
        Row(one, not drawn.has_rubric, mine, theirs)
        for one, mine, theirs in zip(
            drawn.criteria, own or none, given or none, strict=True
        )
    ]


def points_text(drawn: Open, levels: Levels) -> str:
    """``3 из 4``: what the levels come to."""
    chosen = zip(drawn.criteria, levels, strict=True)
    given = sum(one.levels[level].points for one, level in chosen)
    said = {
        "given": format_number(given, decimals=2),
        "most": format_number(sum(one.most for one in drawn.criteria), decimals=2),
    }
    return _("%(given)s из %(most)s") % said
