"""What the page of a finished attempt shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils import timezone
from django.utils.safestring import SafeString

from quizsite.book.models import Section
from quizsite.courses.rules import rules_of
from quizsite.quizzes.marking.agreement import Agreement, agreement_of
from quizsite.quizzes.matrix import Aspect, Phase
from quizsite.quizzes.models import (
    Attempt,
    OpenMark,
    ResponseRevision,
    RevisionKind,
)
from quizsite.quizzes.pages.certainty import CertaintyTable, certainty_table
from quizsite.quizzes.pages.criteria import points_text
from quizsite.quizzes.pages.judged import ALL, Judged
from quizsite.quizzes.reviewing import aspects_by
from quizsite.quizzes.services import responses_of
from quizsite.quizzes.types.open import Open
from quizsite.quizzes.types.rubric import Levels


@dataclass(frozen=True)
class Late:
    """An answer that came after the deadline and counts for nothing."""

    html: SafeString
    saved_at: datetime
    typed_at: datetime


@dataclass(frozen=True)
class ReviewPage(Judged):
    """One question of a finished attempt."""

    late: tuple[Late, ...] = ()
    marks: tuple[OpenMark, ...] = ()  # an instructor's, the last one counts

    @property
    def is_marked(self) -> bool:
        """Whether an instructor has, seen or not: then the own comparison stands."""
        return bool(self.marks)

    @property
    def own_points(self) -> str:
        """``2 из 3``: what the reader's own comparison comes to."""
        own, drawn = self.own_levels, self.variant.drawn
        return points_text(drawn, own) if own and isinstance(drawn, Open) else ""

    @property
    def given(self) -> OpenMark | None:
        return self.marks[-1] if self.marks and self.shows_mark else None

    @property
    def given_levels(self) -> Levels | None:
        return self.given.levels if self.given else None

    @property
    def agreement(self) -> Agreement | None:
        """Of reader and instructor, where both have marked."""
        own = self.own_levels
        if self.given is None or own is None:
            return None
        return agreement_of(own, self.given.levels)

    @property
    def is_markable(self) -> bool:
        return not self.automatic and self.response.answer is not None


@dataclass(frozen=True)
class ResultPage:
    """A finished attempt, as far as its visitor may see it."""

    attempt: Attempt
    own: bool
    aspects: frozenset[Aspect]
    opens_at: datetime | None  # when more is shown than now

    @property
    def shows_mark(self) -> bool:
        return Aspect.MARK in self.aspects

    @cached_property
    def reviews(self) -> list[ReviewPage]:
        if not self.aspects:
            return []
        chapter = self.attempt.quiz.chapter_id
        sections = {one.number: one for one in Section.objects.filter(chapter=chapter)}
        late, marks = _late_answers(self.attempt), _marks(self.attempt)
        return [
            ReviewPage(
                one,
                sections.get(one.version.section),
                self.aspects,
                tuple(
                    Late(one.variant.show(kept.answer), kept.saved_at, kept.typed_at)
                    for kept in late[one.pk]
                ),
                tuple(marks[one.pk]),
            )
            for one in responses_of(self.attempt)
        ]

    @property
    def certainty(self) -> CertaintyTable | None:
        """How well certainty and truth agreed, if it was asked for."""
        if not self.shows_mark:
            return None
        return certainty_table(self.attempt, [one.response for one in self.reviews])


def _late_answers(attempt: Attempt) -> dict[int, list[ResponseRevision]]:
    late: dict[int, list[ResponseRevision]] = defaultdict(list)
    if attempt.deadline is None:
        return late
    found = ResponseRevision.objects.filter(
        response__attempt=attempt, kind=RevisionKind.LATE
    )
    for one in found:
        late[one.response_id].append(one)
    return late


def _marks(attempt: Attempt) -> dict[int, list[OpenMark]]:
    marks: dict[int, list[OpenMark]] = defaultdict(list)
    found = OpenMark.objects.filter(response__attempt=attempt)
    for one in found.select_related("marker"):
        marks[one.response_id].append(one)
    return marks


def result_page(attempt: Attempt, *, own: bool) -> ResultPage:
    """For the reader what the matrix shows now; for those who teach them, all."""
    if not own:
        return ResultPage(attempt, own, ALL, None)
    rules, now = rules_of(attempt), timezone.now()
    aspects = aspects_by(rules, attempt, now)
    closing = rules.review_closes_at
    more = closing and now < closing and bool(rules.review[Phase.CLOSED] - aspects)
    return ResultPage(attempt, own, aspects, closing if more else None)
