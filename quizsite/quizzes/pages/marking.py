"""What the pages show on which instructors mark open answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from quizsite.accounts.models import User
from quizsite.courses.models import Course
from quizsite.quizzes.marking.agreement import QuestionAgreement, agreements
from quizsite.quizzes.marking.forms import NOTHING, MarkForm, QueueForm
from quizsite.quizzes.marking.leases import holder_of
from quizsite.quizzes.marking.queue import Queue, Which
from quizsite.quizzes.models import OpenMark, Response
from quizsite.quizzes.pages.criteria import Row, points_text, rows_of
from quizsite.quizzes.questions import Variant
from quizsite.quizzes.types.open import Open
from quizsite.quizzes.types.rubric import Levels

PAGE_SIZE = 30


@dataclass(frozen=True)
class Desk:
    """Whose answers are marked, and the addresses of it."""

    course: Course | None

    def queue_url(self, queue: Queue) -> str:
        return f"{self._url('marking')}?{query_of(queue)}"

    def answer_url(self, response_id: int, queue: Queue) -> str:
        return f"{self._url('mark', response_id)}?{query_of(queue)}"

    @property
    def take_url(self) -> str:
        return self._url("marking_take")

    @property
    def names_url(self) -> str:
        return self._url("marking_names")

    def _url(self, name: str, *args: object) -> str:
        course = [self.course.slug] if self.course else []
        return reverse(f"quizzes:{name}", args=[*course, *args])


def fields_of(queue: Queue) -> dict[str, str]:
    """What the queue was asked for with, to be asked for again."""
    fields = {"which": str(queue.which.value), "quiz": queue.quiz}
    fields["question"] = str(queue.question or "")
    fields["size"] = str(queue.size)
    return {name: value for name, value in fields.items() if value}


def query_of(queue: Queue) -> str:
    return urlencode(fields_of(queue))


@dataclass(frozen=True)
class QueuePage:
    desk: Desk
    form: QueueForm
    queue: Queue
    names: bool
    number: str | None  # of the list's page

    @property
    def course(self) -> Course | None:
        return self.desk.course

    @property
    def fields(self) -> dict[str, str]:
        return fields_of(self.queue)

    @property
    def waiting(self) -> int:
        return len(self.queue.of(Which.WAITING).ids)

    @property
    def unseen(self) -> int:
        """How many of the sample nobody has looked at."""
        return len(self.queue.of(Which.SAMPLE).ids)

    @property
    def can_begin(self) -> bool:
        return bool(self.queue.ids)

    @cached_property
    def page(self) -> Page[Response]:
        return Paginator(self.queue.rows, PAGE_SIZE).get_page(self.number)

    @property
    def answers(self) -> list[tuple[Response, str]]:
        """The rows with their addresses."""
        url = self.desk.answer_url
        return [(one, url(one.pk, self.queue)) for one in self.page]

    @cached_property
    def agreements(self) -> list[QuestionAgreement]:
        return agreements(self.queue.answers)


@dataclass(frozen=True)
class PastMark:
    """A mark that was given before."""

    mark: OpenMark
    drawn: Open

    @property
    def points_text(self) -> str:
        return points_text(self.drawn, self.mark.levels)

    @property
    def rows(self) -> list[Row]:
        return rows_of(self.drawn, None, self.mark.levels)


@dataclass(frozen=True)
class MarkPage:
    """One answer and the form to mark it; ``sent`` is what was refused."""

    desk: Desk
    queue: Queue
    response: Response
    marker: User
    names: bool
    form: MarkForm = field(default_factory=MarkForm)
    sent: Levels | None = None
    conflict: bool = False

    @property
    def course(self) -> Course | None:
        return self.desk.course

    @property
    def fields(self) -> dict[str, str]:
        return fields_of(self.queue)

    @property
    def action(self) -> str:
        return self.desk.answer_url(self.response.pk, self.queue)

    @property
    def back(self) -> str:
        return self.desk.queue_url(self.queue)

    @property
    def variant(self) -> Variant:
        return self.response.variant

    @property
    def drawn(self) -> Open:
        drawn = self.variant.drawn
        assert isinstance(drawn, Open)
        return drawn

    @property
    def answer(self) -> SafeString:
        return self.variant.show(self.response.answer)

    @property
    def sample(self) -> SafeString:
        return self.variant.show(self.variant.key)

    @cached_property
    def history(self) -> list[PastMark]:
        """The newest first."""
        marks = self.response.open_marks.select_related("marker").order_by("-number")
        return [PastMark(mark, self.drawn) for mark in marks]

    @property
    def latest(self) -> PastMark | None:
        return self.history[0] if self.history else None

    @property
    def based_on(self) -> int:
        return self.latest.mark.number if self.latest else 0

    @property
    def rows(self) -> Sequence[Row]:
        """What is chosen: what was sent, else what the last mark says."""
        if self.sent is not None:
            chosen = [None if one == NOTHING else one for one in self.sent]
            return rows_of(self.drawn, None, chosen)
        given = self.latest.mark.levels if self.latest else None
        return rows_of(self.drawn, None, given)

    @property
    def missing(self) -> bool:
        """Whether a row of the rubric was left without a level."""
        return self.sent is not None and NOTHING in self.sent

    @property
    def other(self) -> User | None:
        """Who else has it on their screen."""
        return holder_of(self.response, but=self.marker)

    @property
    def author(self) -> str:
        """Whose answer it is; nothing unless names were asked for."""
        if not self.names:
            return ""
        user = self.response.attempt.user
        return user.shown_name if user else _("гость")
