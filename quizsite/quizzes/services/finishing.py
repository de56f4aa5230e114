"""The end of an attempt: by its reader, or by its deadline."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from quizsite.courses.services import record_attempt_grade
from quizsite.learning.encounters import note_finished
from quizsite.learning.services import note_attempt
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.behaviours.base import Answered
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.rules import GRACE
from quizsite.quizzes.services.foreseeing import Marks, foreseen, marked
from quizsite.quizzes.services.responses import responses_of
from quizsite.quizzes.types.base import Marked

logger = logging.getLogger(__name__)
SWEEP_BATCH = 200


def finish_attempt(*, attempt: Attempt) -> None:
    """Mark everything; finishing twice does nothing the second time.

    Whoever finishes after the deadline has finished at it.
    """
    running = [] if attempt.is_finished else responses_of(attempt)
    _finish(attempt, foreseen(running))


@transaction.atomic
def _finish(attempt: Attempt, marks: Marks) -> None:
    now = timezone.now()
    unfinished = Attempt.objects.filter(pk=attempt.pk, finished_at=None)
    if not unfinished.update(
        finished_at=min(now, attempt.deadline or now),
        timed_out=attempt.deadline is not None and now > attempt.deadline,
    ):
        attempt.refresh_from_db()
        return
    responses = responses_of(attempt)
    for response in responses:
        _mark(response, marks)
    Response.objects.bulk_update(responses, ["mark", "credit", "feedback"])
    scored(attempt=attempt)
    record_attempt_grade(attempt=attempt)
    note_attempt(attempt=attempt, responses=responses)
    note_finished(attempt=attempt, responses=responses)


def scored(*, attempt: Attempt) -> None:
    """Add up what the attempt's answers earned."""
    responses = responses_of(attempt)
    counted = [one for one in responses if one.points is not None]
    Attempt.objects.filter(pk=attempt.pk).update(
        score=sum(one.points or 0 for one in counted),
        max_score=sum(one.version.points for one in counted),
        unmarked=sum(one.awaits_mark for one in responses),
    )
    attempt.refresh_from_db()


def _mark(response: Response, marks: Marks) -> None:
    """The mark of the answer as it stands, and what the behaviour makes of it."""
    parsed = response.variant.parse(response.answer)
    verdict = marked(response, marks)
    if response.is_owed_a_mark and response.answer is None:
        verdict = Marked(0.0)  # an essay that was not written waits for nobody
    feedback = {**verdict.as_json(), "errors": list(parsed.errors.values())}
    response.mark = verdict.mark
    response.feedback = {**response.feedback, **feedback}
    if response.revealed_at is not None and verdict.mark is not None:
        response.credit = response.credit or 0.0  # its key was shown: nothing more
        return
    answered = Answered(
        verdict.mark,
        readable=parsed.ok and not parsed.blank,
        certainty=response.certainty,
        wrong_tries=response.wrong_tries,
        credit=response.credit,
    )
    response.credit = behaviour_of(response.attempt).credit(answered)


# --- by the clock -----------------------------------------------------------------


def is_over(attempt: Attempt, now: datetime) -> bool:
    """Whether its time is up, with the grace for what is still on its way."""
    return attempt.deadline is not None and now > attempt.deadline + GRACE


def finish_if_over(*, attempt: Attempt) -> bool:
    """End an attempt whose time is up; whether it is finished now."""
    if not attempt.is_finished and is_over(attempt, timezone.now()):
        finish_attempt(attempt=attempt)
    return attempt.is_finished


def finish_overdue() -> int:
    """End every attempt whose time is up; tells how many. Called periodically."""
    overdue = Attempt.objects.filter(
        finished_at=None, deadline__lt=timezone.now() - GRACE
    ).select_related("quiz__chapter")
    count = 0
    for attempt in overdue.order_by("deadline")[:SWEEP_BATCH]:
        try:
            count += finish_if_over(attempt=attempt)
        except Exception:  # one broken question must not keep the others open
            logger.exception("attempt %s could not be ended", attempt.pk)
    return count
