"""What there is to mark, in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from quizsite.accounts.models import User
from quizsite.courses.models import Course
from quizsite.dashboards import scope
from quizsite.quizzes.marking.leases import held_by_others, take_first
from quizsite.quizzes.models import Attempt, OpenMark, Response
from quizsite.quizzes.rules import BehaviourName

SAMPLE, MOST_SAMPLE = 10, 500
IS_MARKED = Exists(OpenMark.objects.filter(response=OuterRef("pk")))
SELF_CHECKED = Q(feedback__has_any_keys=["self_check", "self_levels"])


class Which(models.TextChoices):
    WAITING = "waiting", _("ждут проверки")
    SAMPLE = "sample", _("выборка самопроверенных")
    MARKED = "marked", _("проверенные")


def open_answers(course: Course | None) -> QuerySet[Response]:
    """Finished open answers of a course's students; without one, of all the others.

    Of a course these are what its dashboard lists. What is practised alone is nobody's.
    """
    found = Response.objects.filter(
        version__type="open",
        answer__isnull=False,
        attempt__in=_attempts(course).values("pk"),
    )
    return found.select_related(
        "version__question__quiz", "attempt__quiz__chapter", "attempt__user"
    )


def _attempts(course: Course | None) -> QuerySet[Attempt]:
    finished = Attempt.objects.filter(finished_at__isnull=False, is_review=False)
    if course is not None:
        return finished.filter(pk__in=scope.attempts(course).values("pk"))
    alone = finished.filter(course=None)
    return alone.exclude(behaviour=BehaviourName.PRACTICE)


@dataclass(frozen=True)
class Queue:
    """Answers of one kind, of one quiz or question if so wished."""

    course: Course | None
    which: Which = Which.WAITING
    quiz: str = ""  # its chapter's slug
    question: int | None = None
    size: int = SAMPLE

    @cached_property
    def answers(self) -> QuerySet[Response]:
        """Of whatever kind."""
        found = open_answers(self.course)
        if self.quiz:
            found = found.filter(attempt__quiz__chapter__slug=self.quiz)
        if self.question is not None:
            found = found.filter(version__question=self.question)
        return found

    @property
    def rows(self) -> QuerySet[Response]:
        """The answers of the queue's kind, in its order where a database knows it."""
        match self.which:
            case Which.WAITING:
                return self._waiting
            case Which.MARKED:
                marked = self.answers.filter(IS_MARKED)
                return marked.order_by("-attempt__finished_at", "-pk")
            case Which.SAMPLE:
                return self.answers.filter(pk__in=self.ids)

    @property
    def _waiting(self) -> QuerySet[Response]:
        """Essays, the oldest first; a course owes marks to what was done for it."""
        found = self.answers.filter(
            ~IS_MARKED,
            version__spec__has_key="rubric",
            attempt__course=self.course,
        )
        return found.order_by("attempt__finished_at", "pk")

    @cached_property
    def ids(self) -> list[int]:
        """What is still to be marked, in order; nothing of what is marked already."""
        match self.which:
            case Which.WAITING:
                return list(self._waiting.values_list("pk", flat=True))
            case Which.SAMPLE:
                return self._sample()
            case Which.MARKED:
                return []

    def _sample(self) -> list[int]:
        """What nobody has looked at of the sample.

        The sample is the same for everybody and is done when it is done: the next one
        does not move up. Nobody outside can tell who will be in it.
        """
        checked = self.answers.filter(SELF_CHECKED).annotate(marked=IS_MARKED)
        marked = dict(checked.values_list("pk", "marked"))
        drawn = sorted(marked, key=_lot)[: self.size]
        return [pk for pk in drawn if not marked[pk]]

    def take(self, marker: User, *, after: int | None = None) -> int | None:
        """The next answer that nobody else has; None: there is none.

        ``after``: of the one that is skipped; those before it come last.
        """
        others = set(held_by_others(marker))
        ids = [one for one in self.ids if one not in others]
        if after in ids:
            place = ids.index(after)
            ids = ids[place + 1 :] + ids[: place + 1]
        return take_first(response_ids=ids, marker=marker)

    def of(self, which: Which) -> Queue:
        return replace(self, which=which)


def _lot(pk: int) -> bytes:
    return salted_hmac("marking sample", str(pk)).digest()
