"""A response with what may be seen of its judgement, and not a word more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quizsite.book.models import Section
from quizsite.lib.numbers import format_number
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Response
from quizsite.quizzes.pages.criteria import Row, rows_of
from quizsite.quizzes.questions import Variant
from quizsite.quizzes.rules import Certainty
from quizsite.quizzes.services import self_levels
from quizsite.quizzes.types.open import Open
from quizsite.quizzes.types.rubric import Levels

ALL = frozenset(Aspect)
_BADGES = {"right": "ok", "part": "warn", "wrong": "bad", "blank": "bad"}
_BADGES |= {"awaits": "busy"}


@dataclass(frozen=True)
class Judged:
    """What is said of an answer; each part is empty unless its aspect is shown."""

    response: Response
    section: Section | None = None
    aspects: frozenset[Aspect] = ALL

    @property
    def number(self) -> int:
        return self.response.position

    @property
    def name(self) -> str:
        return f"q{self.number}"

    @property
    def variant(self) -> Variant:
        return self.response.variant

    @property
    def automatic(self) -> bool:
        return self.variant.question.automatic

    @property
    def shows_mark(self) -> bool:
        return Aspect.MARK in self.aspects

    @property
    def verdict(self) -> str:
        """``right``, ``part``, ``wrong``, ``blank``, ``open``, ``awaits``; or none."""
        if not self.shows_mark:
            return ""
        if self.response.mark is None:
            return "awaits" if self.awaits_mark else "open"
        if self.response.mark >= 1:
            return "right"
        if self.response.answer is None:
            return "blank"
        return "part" if self.response.mark > 0 else "wrong"

    @property
    def verdict_label(self) -> str:
        labels = {
            "right": _("верно"),
            "part": _("верно частично"),
            "wrong": _("неверно"),
            "blank": _("нет ответа"),
            "open": _("без балла"),
            "awaits": _("ждёт проверки"),
        }
        return labels.get(self.verdict, "")

    @property
    def badge(self) -> str:
        return _BADGES.get(self.verdict, "info")

    @property
    def points_text(self) -> str:
        """``0,67 из 1``; nothing where no points are given, or shown."""
        points = self.response.points
        if points is None or not self.shows_mark:
            return ""
        most = format_number(self.response.version.points, decimals=2)
        given = format_number(points, decimals=2)
        return _("%(given)s из %(most)s") % {"given": given, "most": most}

    @property
    def certainty_label(self) -> str:
        level = self.response.certainty
        return str(Certainty(level).label) if level else ""

    @property
    def answer(self) -> SafeString | None:
        raw = self.response.answer
        if raw is None or Aspect.ANSWER not in self.aspects:
            return None
        return self.variant.show(raw)

    @property
    def shows_answer(self) -> bool:
        return Aspect.ANSWER in self.aspects

    @property
    def key(self) -> SafeString | None:
        if Aspect.KEY not in self.aspects:
            return None
        return self.variant.show(self.variant.key)

    @property
    def shows_key(self) -> bool:
        """Whoever is right has it already; what is right in words is never alike."""
        said = self.verdict == "right" and self.automatic
        return not said and self.key is not None

    @property
    def explanation(self) -> SafeString | None:
        if Aspect.EXPLANATION not in self.aspects:
            return None
        return self.variant.explanation

    @property
    def hints(self) -> list[str]:
        return self.response.hints if Aspect.HINTS in self.aspects else []

    @property
    def parts(self) -> list[dict[str, Any]]:
        if not self.shows_mark:
            return []
        parts: list[dict[str, Any]] = self.response.feedback.get("parts", [])
        return parts

    @property
    def errors(self) -> list[str]:
        errors: list[str] = self.response.feedback.get("errors", [])
        return errors if self.shows_answer else []

    # --- open questions --------------------------------------------------------------

    @property
    def awaits_mark(self) -> bool:
        """Whether an instructor is still to mark it."""
        return self.response.attempt.is_finished and self.response.awaits_mark

    @property
    def given_levels(self) -> Levels | None:
        """What an instructor said, where that is known here."""
        return None

    @property
    def own_levels(self) -> Levels | None:
        """What its reader said of the answer."""
        return None if self.automatic else self_levels(self.response)

    @property
    def rows(self) -> list[Row]:
        """What to compare an open answer with: it is its key."""
        drawn = self.variant.drawn
        if not isinstance(drawn, Open) or Aspect.KEY not in self.aspects:
            return []
        given = self.given_levels if self.shows_mark else None
        return rows_of(drawn, self.own_levels, given)

    @property
    def has_rubric(self) -> bool:
        drawn = self.variant.drawn
        return isinstance(drawn, Open) and drawn.has_rubric
