"""The life of a submission, from the form to the report.

    submit ──► queued ──claim──► running ──record──► done
                │▲                  │                  │
                │├──── give_back ───┤ a fault of ours  │
                │├────── sweep ─────┘ the worker died  │
                │└───────────────── restart ───────────┘ staff, after a fault of ours
                └──submit──► replaced   by the same student's newer one

Every arrow is one conditional UPDATE, so of two workers with the same message (or a
worker and the sweep) one changes a row, and the other changes none and leaves. A claim
carries a lease; a report counts only under the lease it was made under.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from exercises.spec import Exercise
from graders.intake import read_upload
from graders.places import as_notes
from graders.report import Report
from graders.verdicts import Blame, Verdict
from quizsite.accounts.models import User
from quizsite.courses.services import record_submission_grade
from quizsite.learning.encounters import note_submission
from quizsite.lib.storable import storable
from quizsite.submissions import bundles, queue, regrading
from quizsite.submissions.models import (
    Heartbeat,
    OutboxMessage,
    State,
    Submission,
    SubmissionQuerySet,
    lease_end,
)

logger = logging.getLogger(__name__)

OUR_FAULT = (
    "Проверить посылку не удалось по нашей вине. Она ничего не стоила и сохранена: "
    "её можно отправить ещё раз или подождать, пока мы перезапустим проверку."
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to grade one submission until its lease runs out."""

    submission_id: UUID
    lease: UUID
    exercise: str
    source: str
    intake_notes: dict[str, Any]
    tries: int


def submit(
    *,
    user: User,
    exercise: Exercise,
    source: bytes | str,
    filename: str = "solution.py",
    idempotency_key: str = "",
    replaces: bool = True,
) -> Submission:
    """Take a piece of code in; the same key again gives the same submission.

    With ``replaces`` it takes the place of the student's earlier ones for the same
    exercise that nobody has begun to grade.

    Raises:
        graders.intake.IntakeError: it cannot be read as code; the message is for the
            student.
    """
    if earlier := _with_key(user, idempotency_key):
        return earlier
    content = source.encode() if isinstance(source, str) else source
    intake = read_upload(content, filename, exercise.requires)
    submission = Submission(
        user=user,
        exercise=exercise.slug,
        exercise_digest=exercise.digest,
        source=intake.source,
        filename=filename[-200:],
        intake_notes=storable(intake.as_json() | as_notes(intake.fragments)),
        idempotency_key=idempotency_key,
    )
    try:
        with transaction.atomic():
            submission.save(force_insert=True)
            if replaces:
                _replace_waiting(submission)
            queue.enqueue(submission, exercise)
    except IntegrityError:  # the other click of a double click was quicker
        if earlier := _with_key(user, idempotency_key):
            return earlier
        raise
    return submission


def _replace_waiting(newer: Submission) -> None:
    """A message that is at the broker already will find nothing to claim."""
    waiting = Submission.objects.filter(
        user=newer.user_id, exercise=newer.exercise, state=State.QUEUED
    )
    waiting.exclude(pk=newer.pk).update(
        state=State.REPLACED, replaced_by=newer, finished_at=timezone.now()
    )
    OutboxMessage.objects.filter(submission__replaced_by=newer).delete()


def _with_key(user: User, key: str) -> Submission | None:
    if not key:
        return None
    return Submission.objects.filter(user=user, idempotency_key=key).first()


def claim(*, submission_id: UUID, lease: UUID | None = None) -> Claim | None:
    """The right to grade it; None if it is somebody else's or done already.

    Who asks again under the same lease, the answer having been lost, has it still.
    """
    lease = lease or uuid4()
    Submission.objects.filter(pk=submission_id, state=State.QUEUED).update(
        state=State.RUNNING,
        lease=lease,
        lease_until=lease_end(),
        tries=F("tries") + 1,
        started_at=timezone.now(),
    )
    held = Submission.objects.filter(
        pk=submission_id, lease=lease, state=State.RUNNING
    ).first()
    return _claim_of(held) if held else None


def _claim_of(submission: Submission) -> Claim:
    assert submission.lease is not None
    return Claim(
        submission_id=submission.pk,
        lease=submission.lease,
        exercise=submission.exercise,
        source=submission.source,
        intake_notes=submission.intake_notes,
        tries=submission.tries,
    )


def record(
    *, claim: Claim, report: Mapping[str, Any], exercise_digest: str = ""
) -> bool:
    """Finish a submission; False if the lease was lost, and the report with it."""
    values = _outcome(report)
    if exercise_digest:  # the worker may have read a newer version
        values["exercise_digest"] = exercise_digest
    with transaction.atomic():
        if not _held(claim).update(**values):
            logger.info("%s: the lease is lost, report dropped", claim.submission_id)
            return False
        OutboxMessage.objects.filter(submission=claim.submission_id).delete()
        submission = Submission.objects.get(pk=claim.submission_id)
        record_submission_grade(submission=submission)
        note_submission(submission=submission)
        queue.release_on_commit(submission.user_id)
        regrading.release_on_commit()
    return True


def _held(claim: Claim) -> SubmissionQuerySet:
    return Submission.objects.filter(
        pk=claim.submission_id, lease=claim.lease, state=State.RUNNING
    )


def _outcome(report: Mapping[str, Any]) -> dict[str, Any]:
    mistake = report.get("mistake")
    return {
        "state": State.DONE,
        "lease": None,
        "lease_until": None,
        "finished_at": timezone.now(),
        "verdict": report["verdict"],
        "score": report["score"],
        "mistake": mistake["id"] if mistake else "",
        "report": storable(report),
    }


def give_back(*, claim: Claim, reason: str) -> None:
    """Queue it again after a fault of ours; after too many, say so in a report."""
    logger.warning("%s, try %d: %s", claim.submission_id, claim.tries, reason)
    if claim.tries >= settings.MAX_TRIES:
        record(claim=claim, report=_system_error(claim.exercise, reason).as_json())
        return
    with transaction.atomic():
        free = {"state": State.QUEUED, "lease": None, "lease_until": None}
        if not _held(claim).update(**free):
            return
        message = OutboxMessage.objects.select_related("submission").get(
            submission=claim.submission_id
        )
        OutboxMessage.objects.filter(pk=message.pk).update(sent_at=None)
        # A broken sandbox is made anew at once; what fails again waits for the sweep,
        # lest three tries be over before anything could recover.
        if claim.tries == 1:
            queue.release_on_commit(message.submission.user_id)


def take_back(*, submission_id: UUID, lease: UUID, reason: str) -> None:
    """Give it back for a worker that cannot any more, if that still holds it."""
    held = Submission.objects.filter(
        pk=submission_id, lease=lease, state=State.RUNNING
    ).first()
    if held:
        give_back(claim=_claim_of(held), reason=reason)


def _system_error(exercise: str, reason: str) -> Report:
    return Report(
        exercise=exercise,
        verdict=Verdict.SYSTEM_ERROR,
        score=0.0,
        checks=(),
        seed="",
        message=OUR_FAULT,
        staff_note=reason,
    )


def restart(*, submission: Submission, exercise: Exercise) -> bool:
    """Grade again what failed through no fault of the student's."""
    free = [verdict for verdict in Verdict if verdict.blame in _NOT_THEIRS]
    with transaction.atomic():
        restarted = Submission.objects.filter(
            pk=submission.pk, state=State.DONE, verdict__in=free
        ).update(
            state=State.QUEUED,
            tries=0,
            started_at=None,
            finished_at=None,
            verdict="",
            score=None,
            mistake="",
            report=None,
        )
        if restarted:
            queue.enqueue(submission, exercise)
    return bool(restarted)


_NOT_THEIRS = (Blame.EXERCISE, Blame.SYSTEM)


def sweep() -> None:
    """Take back expired leases, send what was lost or waits; harmless at any time."""
    for submission in Submission.objects.expired():
        give_back(claim=_claim_of(submission), reason="the lease expired")
    queue.resend_lost()
    queue.release_waiting()
    regrading.sweep()
    bundles.sweep()


def record_heartbeat(*, component: str, ok: bool, detail: dict[str, Any]) -> None:
    Heartbeat.record(component, ok=ok, detail=detail)
