"""What the pages of a running attempt show, ready for the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizsite.book.models import Section
from quizsite.lib.numbers import format_number
from quizsite.lib.plural import plural_here
from quizsite.quizzes.behaviours import Behaviour, behaviour_of
from quizsite.quizzes.forms import Unsaved, stored_fingerprint
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.pages.certainty import LEVELS, Level
from quizsite.quizzes.pages.practice import FeedbackPage
from quizsite.quizzes.questions import Variant
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.services import responses_of
from quizsite.quizzes.types.base import MAX_ANSWER, Parsed, Raw

STATE_LABELS = {
    "blank": gettext_lazy("нет ответа"),
    "answered": gettext_lazy("есть ответ"),
    "incomplete": gettext_lazy("не полностью"),
    "malformed": gettext_lazy("не разобрать"),
    "unsaved": gettext_lazy("не сохранён"),
    "right": gettext_lazy("верно"),
    "part": gettext_lazy("верно частично"),
    "wrong": gettext_lazy("неверно"),
    "open": gettext_lazy("сверено"),
    "revealed": gettext_lazy("ответ показан"),
}
DONE = {"answered", "right", "part", "wrong", "open", "revealed"}
_BOXES = ("numeric", "vector", "set", "formula", "text", "shape")
_TEMPLATES = dict.fromkeys(_BOXES, "boxes")


@dataclass(frozen=True)
class QuestionPage:
    """One question of a running attempt."""

    response: Response
    total: int
    unsaved: Unsaved | None = None
    aspects: frozenset[Aspect] = frozenset()
    section: Section | None = None
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
    def behaviour(self) -> Behaviour:
        return behaviour_of(self.response.attempt)

    @property
    def state(self) -> str:
        if self.unsaved:
            return "unsaved"
        if self.feedback is not None:
            if self.feedback.gave_up:
                return "revealed"
            if self.response.is_checked and self.feedback.verdict:
                return self.feedback.verdict
        return self.parsed.state

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
        return self.state in DONE

    # --- certainty -----------------------------------------------------------------

    @property
    def levels(self) -> Sequence[Level]:
        """What to choose from where the reader is asked how certain they are."""
        asks = self.behaviour.asks_certainty(
            chosen=self.response.attempt.asks_certainty,
            automatic=self.variant.question.automatic,
        )
        return LEVELS if asks else ()

    @property
    def weighed(self) -> bool:
        """Whether certainty changes the points."""
        return self.behaviour.weighs_certainty and self.variant.question.automatic

    # --- practice --------------------------------------------------------------------

    @cached_property
    def feedback(self) -> FeedbackPage | None:
        if not self.behaviour.checks:
            return None
        return FeedbackPage(self.response, self.section, self.aspects)

    @property
    def hints_left(self) -> int:
        return len(self.variant.question.hints) - self.response.hints_taken

    @property
    def settled(self) -> bool:
        return self.response.revealed_at is not None


@dataclass(frozen=True)
class AttemptPage:
    """The questions of a running attempt: all on one page, or one of them."""

    attempt: Attempt
    questions: Sequence[QuestionPage]
    now: datetime
    only: int | None = None  # the number of the one that is shown

    @property
    def shown(self) -> Sequence[QuestionPage]:
        if self.only is None:
            return self.questions
        return [one for one in self.questions if one.number == self.only]

    @property
    def before(self) -> int | None:
        """The number of the question before the one that is shown."""
        return self.only - 1 if self.only and self.only > 1 else None

    @property
    def after(self) -> int | None:
        more = self.only and self.only < len(self.questions)
        return self.only + 1 if self.only and more else None

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

    @property
    def behaviour(self) -> Behaviour:
        return behaviour_of(self.attempt)

    @property
    def seconds_left(self) -> int | None:
        """By the server's clock; None: as long as one likes."""
        return seconds_left(self.attempt, self.now)

    @property
    def is_over(self) -> bool:
        """Whether only what is on its way is still taken."""
        return self.seconds_left == 0

    @property
    def minutes_text(self) -> str:
        """``20 минут``, rounded up: the last of them is no zero."""
        minutes = -(-(self.seconds_left or 0) // 60)
        noun = plural_here(minutes, _("минута,минуты,минут"))
        return f"{minutes}\u00a0{noun}"


def seconds_left(attempt: Attempt, now: datetime) -> int | None:
    if attempt.deadline is None:
        return None
    return max(0, int((attempt.deadline - now).total_seconds()))


def attempt_page(
    attempt: Attempt,
    responses: Sequence[Response] | None = None,
    unsaved: Mapping[int, Unsaved] | None = None,
    *,
    only: int | None = None,
) -> AttemptPage:
    if responses is None:
        responses = responses_of(attempt)
    refused = unsaved or {}
    aspects: frozenset[Aspect] = frozenset()
    sections: Mapping[int, Section] = {}
    if behaviour_of(attempt).checks:
        aspects = shown_aspects(attempt)
        chapter = attempt.quiz.chapter_id
        sections = {one.number: one for one in Section.objects.filter(chapter=chapter)}
    questions = [
        QuestionPage(
            one,
            len(responses),
            refused.get(one.position),
            aspects,
            sections.get(one.version.section),
        )
        for one in responses
    ]
    return AttemptPage(attempt, questions, timezone.now(), only)
