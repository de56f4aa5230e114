"""Practice: checking an answer, taking a hint, giving up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from quizsite.learning.encounters import note_checked
from quizsite.learning.services import note_response
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.behaviours.base import Answered
from quizsite.quizzes.models import Attempt, Response, ResponseRevision, RevisionKind
from quizsite.quizzes.services.foreseeing import Marks, foreseen, marked
from quizsite.quizzes.services.saving import AttemptFinished
from quizsite.quizzes.types.base import Marked, Parsed

STORED = [
    *("answer", "certainty", "revision", "mark", "credit", "feedback", "wrong_tries"),
    *("hints_taken", "checked_revision", "revealed_at"),
]


class NotCheckable(Exception):
    """There is nothing to check: ``state`` is as in :class:`Parsed`, or ``test``.

    It cost nothing. ``test``: in this behaviour answers are not checked at all.
    """

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking; ``charged``: the try cost something."""

    marked: Marked
    charged: bool


def check_answer(*, response: Response) -> Checked:
    """Mark the stored answer now, and charge for it if it is a new wrong one.

    Raises:
        AttemptFinished: nothing was changed.
        NotCheckable: it is blank, malformed or incomplete; that costs nothing.
    """
    return _check(response, _foreseen(response))


def _foreseen(response: Response) -> Marks:
    """Nothing where no answer is checked before the end anyhow."""
    return foreseen([response] if behaviour_of(response.attempt).checks else [])


@transaction.atomic
def _check(response: Response, marks: Marks) -> Checked:
    _lock(response)
    parsed = response.variant.parse(response.answer)
    if parsed.state != "answered":
        raise NotCheckable(parsed.state)
    verdict = marked(response, marks)
    if response.revealed_at is not None:
        return Checked(verdict, charged=False)
    wrong = verdict.mark is not None and verdict.mark < 1
    charged = wrong and not _was_tried(response, parsed)
    now, is_first = timezone.now(), response.checked_revision is None
    _note(response, verdict, charged, now)
    if is_first:
        note_response(response=response, at=now)
    if charged:
        note_checked(response=response, tags=verdict.tags, at=now)
    return Checked(verdict, charged)


def _lock(response: Response) -> None:
    """Hold the attempt, look at the response anew.

    Raises:
        AttemptFinished: or its time is up.
        NotCheckable: the behaviour checks nothing before the end.
    """
    running = Attempt.objects.select_for_update().filter(
        pk=response.attempt_id, finished_at=None
    )
    attempt = running.first()
    if attempt is None or (attempt.deadline and timezone.now() > attempt.deadline):
        raise AttemptFinished
    if not behaviour_of(attempt).checks:
        raise NotCheckable("test")
    response.refresh_from_db(fields=STORED)


def _was_tried(response: Response, parsed: Parsed) -> bool:
    """Whether the same answer, however written, was checked before."""
    tried = response.revisions.filter(checked_at__isnull=False)
    return _holds(response, parsed, tried.values_list("answer", flat=True))


def _holds(response: Response, parsed: Parsed, answers: Iterable[object]) -> bool:
    variant = response.variant
    for raw in answers:
        if raw == response.answer:
            return True
        if variant.parse(raw).value == parsed.value:  # type: ignore[arg-type]
            return True
    return False


def _note(response: Response, marked: Marked, charged: bool, now: datetime) -> None:
    """Write the verdict down, on the response and on the revision that earned it."""
    tries = response.wrong_tries
    response.mark = marked.mark
    response.credit = behaviour_of(response.attempt).credit(
        Answered(marked.mark, wrong_tries=tries, credit=response.credit)
    )
    response.wrong_tries = tries + charged
    response.feedback = {**response.feedback, **marked.as_json()}
    response.checked_revision = response.revision
    if marked.mark is None or marked.mark >= 1:
        response.revealed_at = now
    response.save(update_fields=STORED)
    values = {"checked_at": now, "mark": marked.mark, "charged": charged}
    defaults = {"answer": response.answer, "typed_at": now, "saved_at": now}
    ResponseRevision.objects.update_or_create(
        response=response,
        kind=RevisionKind.SAVED,
        number=response.revision,
        defaults=values,
        create_defaults={**defaults, **values},
    )


@transaction.atomic
def take_hint(*, response: Response) -> int:
    """Show one more of the author's hints; tells how many are shown now. It is free.

    Raises:
        AttemptFinished: nothing was changed.
        NotCheckable: this behaviour gives no hints.
    """
    _lock(response)
    most = len(response.variant.question.hints)
    response.hints_taken = min(response.hints_taken + 1, most)
    response.save(update_fields=["hints_taken"])
    return response.hints_taken


def reveal_answer(*, response: Response) -> None:
    """Give up: show the right answer; what was earned by then is all there will be.

    Raises:
        AttemptFinished: nothing was changed.
        NotCheckable: this behaviour shows nothing before the end.
    """
    _reveal(response, _foreseen(response))


@transaction.atomic
def _reveal(response: Response, marks: Marks) -> None:
    _lock(response)
    if response.revealed_at is not None:
        return
    response.mark = marked(response, marks).mark
    if response.mark is not None:
        response.credit = response.credit or 0.0
    response.revealed_at = timezone.now()
    response.save(update_fields=STORED)
