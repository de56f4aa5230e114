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
from quizsite.quizzes.matrix import Aspect, Phase
from quizsite.quizzes.models import Attempt, ResponseRevision, RevisionKind
from quizsite.quizzes.pages.certainty import CertaintyTable, certainty_table
from quizsite.quizzes.pages.judged import ALL, Judged
from quizsite.quizzes.reviewing import aspects_by
from quizsite.quizzes.services import responses_of


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
        late = _late_answers(self.attempt)
        return [
            ReviewPage(
                one,
                sections.get(one.version.section),
                self.aspects,
                tuple(
                    Late(one.variant.show(kept.answer), kept.saved_at, kept.typed_at)
                    for kept in late[one.pk]
                ),
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


def result_page(attempt: Attempt, *, own: bool) -> ResultPage:
    """For the reader what the matrix shows now; for those who teach them, all."""
    if not own:
        return ResultPage(attempt, own, ALL, None)
    rules, now = rules_of(attempt), timezone.now()
    aspects = aspects_by(rules, attempt, now)
    closing = rules.review_closes_at
    more = closing and now < closing and bool(rules.review[Phase.CLOSED] - aspects)
    return ResultPage(attempt, own, aspects, closing if more else None)
