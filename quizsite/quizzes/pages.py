"""What the pages of an attempt show, ready for the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizsite.book.models import Section
from quizsite.lib.numbers import format_number
from quizsite.lib.plural import plural_here
from quizsite.quizzes.forms import Unsaved, stored_fingerprint
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.questions import Variant
from quizsite.quizzes.services import responses_of
from quizsite.quizzes.types.base import MAX_ANSWER, Parsed, Raw
from quizsite.quizzes.types.open import Open

STATE_LABELS = {
    "blank": gettext_lazy("нет ответа"),
    "answered": gettext_lazy("есть ответ"),
    "incomplete": gettext_lazy("не полностью"),
    "malformed": gettext_lazy("не разобрать"),
    "unsaved": gettext_lazy("не сохранён"),
}
_BOXES = ("numeric", "vector", "set", "formula", "text", "shape")
_TEMPLATES = dict.fromkeys(_BOXES, "boxes")


@dataclass(frozen=True)
class QuestionPage:
    """One question of a running attempt."""

    response: Response
    total: int
    unsaved: Unsaved | None = None
    max_length = MAX_ANSWER

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
    def raw(self) -> Raw:
        raw: Raw = self.unsaved.raw if self.unsaved else self.response.answer
        return raw

    @cached_property
    def parsed(self) -> Parsed:
        # What was refused for its length is shown, but not read.
        return self.variant.parse(None if self.unsaved else self.raw)

    @property
    def state(self) -> str:
        return "unsaved" if self.unsaved else self.parsed.state

    @property
    def state_label(self) -> str:
        return str(STATE_LABELS[self.state])

    @property
    def error(self) -> str:
        """What is wrong, unless it is said beside a box."""
        if self.unsaved:
            return self.unsaved.message
        boxes = self.variant.drawn.error_fields
        errors = self.parsed.errors.items()
        return next((text for name, text in errors if name not in boxes), "")

    @cached_property
    def control(self) -> Any:
        return self.variant.drawn.controls(self.raw, self.parsed)

    @property
    def template(self) -> str:
        kind = self.variant.question.type
        return f"quizzes/types/{_TEMPLATES.get(kind, kind)}.html"

    @property
    def points_text(self) -> str:
        """Nothing for the usual one point, nor where no point is given."""
        points = self.response.version.points
        if points == 1 or not self.variant.question.automatic:
            return ""
        word = plural_here(int(points), _("балл,балла,баллов"))
        if points != int(points):
            word = _("балла")
        return f"{format_number(points, decimals=2)}\u00a0{word}"

    @property
    def was(self) -> str:
        return stored_fingerprint(self.response)

    @property
    def finished(self) -> bool:
        return self.state == "answered"


@dataclass(frozen=True)
class AttemptPage:
    """All questions of a running attempt."""

    attempt: Attempt
    questions: Sequence[QuestionPage]

    @property
    def answered(self) -> int:
        return sum(question.finished for question in self.questions)

    @property
    def open_questions(self) -> list[QuestionPage]:
        """Those without a complete, readable answer."""
        return [question for question in self.questions if not question.finished]

    @property
    def saved_at(self) -> datetime | None:
        times = [one.response.saved_at for one in self.questions]
        return max((time for time in times if time), default=None)


def attempt_page(
    attempt: Attempt,
    responses: Sequence[Response] | None = None,
    unsaved: Mapping[int, Unsaved] | None = None,
) -> AttemptPage:
    if responses is None:
        responses = responses_of(attempt)
    refused = unsaved or {}
    questions = [
        QuestionPage(response, len(responses), refused.get(response.position))
        for response in responses
    ]
    return AttemptPage(attempt, questions)


# --- the review -------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A reference point of an open question, found by the reader or not."""

    number: int
    html: SafeString
    found: bool


@dataclass(frozen=True)
class ReviewPage:
    """One question of a finished attempt."""

    response: Response
    section: Section | None

    @property
    def number(self) -> int:
        return self.response.position

    @property
    def variant(self) -> Variant:
        return self.response.variant

    @property
    def automatic(self) -> bool:
        return self.variant.question.automatic

    @property
    def verdict(self) -> str:
        """``right``, ``part``, ``wrong``, ``blank`` or ``open``."""
        if self.response.mark is None:
            return "open"
        if self.response.mark >= 1:
            return "right"
        if self.response.answer is None:
            return "blank"
        return "part" if self.response.mark > 0 else "wrong"

    @property
    def verdict_label(self) -> str:
        return {
            "right": _("верно"),
            "part": _("верно частично"),
            "wrong": _("неверно"),
            "blank": _("нет ответа"),
            "open": _("без балла"),
        }[self.verdict]

    @property
    def badge(self) -> str:
        badges = {"right": "ok", "part": "warn", "wrong": "bad", "blank": "bad"}
        return badges.get(self.verdict, "info")

    @property
    def points_text(self) -> str:
        points = self.response.points
        if points is None:
            return ""
        most = format_number(self.response.version.points, decimals=2)
        given = format_number(points, decimals=2)
        return _("%(given)s из %(most)s") % {"given": given, "most": most}

    @property
    def answer(self) -> SafeString | None:
        raw = self.response.answer
        return None if raw is None else self.variant.show(raw)

    @property
    def key(self) -> SafeString:
        return self.variant.show(self.variant.key)

    @property
    def parts(self) -> list[dict[str, Any]]:
        parts: list[dict[str, Any]] = self.response.feedback.get("parts", [])
        return parts

    @property
    def errors(self) -> list[str]:
        errors: list[str] = self.response.feedback.get("errors", [])
        return errors

    @property
    def checked(self) -> bool:
        return "self_check" in self.response.feedback

    @property
    def points(self) -> list[Point]:
        """Reference points to compare an open answer with."""
        drawn = self.variant.drawn
        if not isinstance(drawn, Open):
            return []
        found = self.response.feedback.get("self_check", [])
        return [
            Point(number, html, number in found)
            for number, html in enumerate(drawn.points, start=1)
        ]

    @property
    def found(self) -> int:
        return sum(point.found for point in self.points)


def review_pages(attempt: Attempt) -> list[ReviewPage]:
    chapter = attempt.quiz.chapter_id
    sections = {one.number: one for one in Section.objects.filter(chapter=chapter)}
    return [
        ReviewPage(response, sections.get(response.version.section))
        for response in responses_of(attempt)
    ]
