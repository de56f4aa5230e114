"""Misconceptions noted as answers are marked and submissions reported.

A mark carries the tags of what was chosen or equalled, a report names a known mistake,
and both share one vocabulary (:mod:`quizsite.quizzes.misconceptions`). What became of
them is summed up in :mod:`ledger`.

In practice every try that cost something is noted, and the answer that stood at the end
unless it had been checked. Answers marked again are noted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from quizsite.learning.models import Encounter
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.misconceptions import tag_of_mistake
from quizsite.quizzes.models import Attempt, Response, ResponseRevision
from quizsite.submissions.models import Submission

BATCH = 200


def note_finished(*, attempt: Attempt, responses: Iterable[Response]) -> None:
    """What the answers of a finished attempt show."""
    if attempt.user_id is not None:
        _create(one for response in responses for one in _at_the_end(response, attempt))


def note_checked(*, response: Response, tags: Sequence[str], at: datetime) -> None:
    """What a wrong try shows; the same one again is not to be noted."""
    if response.attempt.user_id is not None:
        _create(_shown(response, tags, response.revision, at))


def note_submission(*, submission: Submission) -> None:
    """What its first report names; no query if that is nothing."""
    _create(_named(submission))


def _named(submission: Submission) -> list[Encounter]:
    if not submission.mistake:
        return []
    tag = tag_of_mistake(submission.exercise, submission.mistake)
    found = Encounter(
        user_id=submission.user_id,
        tag=tag,
        at=submission.created_at,  # in the order of writing, not of grading
        submission=submission,
        exercise=submission.exercise,
    )
    return [found] if tag else []


def _create(encounters: Iterable[Encounter]) -> None:
    # Noted once already, by whoever was quicker: then that is it.
    Encounter.objects.bulk_create(encounters, ignore_conflicts=True, batch_size=500)


def _at_the_end(response: Response, attempt: Attempt) -> Iterator[Encounter]:
    """Of the answer as it stood, unless a check has noted it."""
    noted = behaviour_of(attempt).checks and response.is_checked
    if attempt.finished_at is None or noted or not _is_wrong(response.mark):
        return
    tags = response.feedback.get("tags", [])
    yield from _shown(response, tags, response.revision, attempt.finished_at)


def _is_wrong(mark: float | None) -> bool:
    return mark is not None and mark < 1


def _shown(
    response: Response, tags: Iterable[str], revision: int, at: datetime
) -> Iterator[Encounter]:
    user_id = response.attempt.user_id
    assert user_id is not None
    for tag in tags:
        yield Encounter(
            user_id=user_id,
            tag=tag,
            at=at,
            response=response,
            question_id=response.version.question_id,
            revision=revision,
        )


# --- again: after a regrade, for a guest who signed in, for what was there before ----


def note_again(responses: QuerySet[Response]) -> int:
    """Note these answers anew, by the marks they have now; tells how many.

    Tries in practice are marked again for it, so it is nothing to do under a lock.
    """
    found = responses.select_related("attempt", "version").order_by("pk")
    count = 0
    for response in found.iterator(chunk_size=BATCH):
        shown = list(_all_of(response))
        with transaction.atomic():
            Encounter.objects.filter(response=response).delete()
            _create(shown)
        count += 1
    return count


def note_submission_again(*, submission: Submission) -> None:
    """What its report names now, in the place of what was noted of it before."""
    with transaction.atomic():
        Encounter.objects.filter(submission=submission).delete()
        _create(_named(submission))


def _all_of(response: Response) -> Iterator[Encounter]:
    attempt = response.attempt
    if attempt.user_id is None:
        return
    if behaviour_of(attempt).checks:
        tries = response.revisions.filter(checked_at__isnull=False)
        for one in tries.order_by("checked_at", "pk"):
            yield from _at_a_try(response, one)
    yield from _at_the_end(response, attempt)


def _at_a_try(response: Response, tried: ResponseRevision) -> Iterator[Encounter]:
    """One that cost something, or was right by an older key."""
    assert tried.checked_at is not None
    if _is_wrong(tried.mark) and not tried.charged:
        return  # tried before
    variant = response.variant
    marked = variant.mark(variant.parse(tried.answer))
    if _is_wrong(marked.mark):
        yield from _shown(response, marked.tags, tried.number, tried.checked_at)
