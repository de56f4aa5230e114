"""Grading again what was graded: aside, shown, and only then written down.

    begin ──► grading ──► ready ──commit──► committed
                 └──────────┴─────cancel──► cancelled

A regrade is a dry run until somebody commits it: see ``regrade_decision``. Its
submissions are sent one at a time, and only while no student's submission waits, so at
worst a student waits for one grading that had begun already. As with submissions every
change is a conditional UPDATE: a message delivered twice, a dead worker or a second
click change nothing twice. The seed is the one that the submission was graded with, so
that what differs is the exercise and not the luck.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from exercises.spec import Exercise
from graders.verdicts import Verdict
from quizsite.accounts.models import User
from quizsite.lib.storable import storable
from quizsite.submissions.models import (
    OutboxMessage,
    Regrade,
    Regrading,
    Stage,
    State,
    Submission,
    lease_end,
    lease_is_over,
)
from quizsite.submissions.queue import (
    CPU_QUEUE,
    GPU_QUEUE,
    queue_for,
    sent_long_ago,
)

logger = logging.getLogger(__name__)

REGRADE_TASK = "graders.chores.regrade"
RESEND_AFTER = timedelta(minutes=1)
STALE_WORKER = "the worker has read another version of the exercise: restart it"


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's right to regrade one submission until its lease runs out."""

    item_id: int
    lease: UUID
    exercise: str
    exercise_digest: str
    source: str
    intake_notes: dict[str, Any]
    seed: str | None
    tries: int


def begin(
    *, exercise: Exercise, requested_by: User | None = None, only_digest: str = ""
) -> Regrade:
    """Start a dry run over every graded submission; the open one if there is one.

    An open one of another version of the exercise is called off: it says nothing of
    this one.

    Args:
        only_digest: only those that this version of the exercise graded.
    """
    already = Regrade.objects.filter(
        exercise=exercise.slug,
        only_digest=only_digest,
        stage__in=[Stage.GRADING, Stage.READY],
    )
    already.exclude(exercise_digest=exercise.digest).update(stage=Stage.CANCELLED)
    try:
        with transaction.atomic():
            regrade = Regrade.objects.create(
                exercise=exercise.slug,
                exercise_digest=exercise.digest,
                only_digest=only_digest,
                is_gpu=queue_for(exercise) == GPU_QUEUE,
                requested_by=requested_by,
            )
            _add_items(regrade)
            _finish_if_done(regrade.pk)
            release_on_commit()
    except IntegrityError:
        return already.get()
    regrade.refresh_from_db()
    return regrade


def _add_items(regrade: Regrade) -> None:
    graded = Submission.objects.filter(
        exercise=regrade.exercise, state=State.DONE, score__isnull=False
    )
    if regrade.only_digest:
        graded = graded.filter(exercise_digest=regrade.only_digest)
    rows = graded.order_by("created_at").values_list("pk", "verdict", "score")
    Regrading.objects.bulk_create(
        (
            Regrading(
                regrade=regrade,
                submission_id=pk,
                old_verdict=verdict,
                old_score=score or 0.0,
            )
            for pk, verdict, score in rows.iterator()
        ),
        batch_size=500,
    )


# --- one at a time ------------------------------------------------------------


def release_on_commit() -> None:
    transaction.on_commit(release, robust=True)


def release() -> None:
    """Send the next one, unless one is under way or a student waits."""
    open_items = _with_relations().filter(regrade__stage=Stage.GRADING)
    following = open_items.filter(state=State.QUEUED).order_by("pk").first()
    if following is None or _is_busy(open_items, following.regrade):
        return
    now = timezone.now()
    ours = Regrading.objects.filter(pk=following.pk, sent_at=None)
    if ours.update(sent_at=now):
        _send(following)


def _is_busy(open_items: QuerySet[Regrading], regrade: Regrade) -> bool:
    is_sent = Q(state=State.QUEUED, sent_at__isnull=False)
    under_way = open_items.filter(is_sent | Q(state=State.RUNNING))
    students = OutboxMessage.objects.filter(
        submission__state=State.QUEUED,
        queue=GPU_QUEUE if regrade.is_gpu else CPU_QUEUE,
    )
    return under_way.exists() or students.exists()


def _send(item: Regrading) -> None:
    target = GPU_QUEUE if item.regrade.is_gpu else settings.CELERY_TASK_DEFAULT_QUEUE
    try:
        current_app.send_task(REGRADE_TASK, args=[item.pk], queue=target, retry=False)
    except Exception as error:  # as many kinds as there are brokers
        logger.warning("the broker took no message, the sweep will retry: %s", error)
        Regrading.objects.filter(pk=item.pk).update(sent_at=None)


def claim(*, item_id: int) -> Claim | None:
    """The right to regrade it; None if it is somebody else's, done or called off."""
    lease = uuid4()
    queued = Regrading.objects.filter(
        pk=item_id, state=State.QUEUED, regrade__stage=Stage.GRADING
    )
    values = {"state": State.RUNNING, "lease": lease, "lease_until": lease_end()}
    if not queued.update(**values, tries=F("tries") + 1):
        return None
    return _claim_of(_with_relations().get(pk=item_id, lease=lease))


def _with_relations() -> QuerySet[Regrading]:
    return Regrading.objects.select_related("regrade", "submission")


def _claim_of(item: Regrading) -> Claim:
    assert item.lease is not None
    return Claim(
        item_id=item.pk,
        lease=item.lease,
        exercise=item.regrade.exercise,
        exercise_digest=item.regrade.exercise_digest,
        source=item.submission.source,
        intake_notes=item.submission.intake_notes,
        seed=(item.submission.report or {}).get("seed") or None,
        tries=item.tries,
    )


def record(*, claim: Claim, report: Mapping[str, Any], exercise_digest: str) -> bool:
    """Lay a report aside; False if the lease was lost."""
    if exercise_digest != claim.exercise_digest:
        return _fail(claim, STALE_WORKER)
    return _finish(
        claim,
        verdict=report["verdict"],
        score=report["score"],
        report=storable(report),
    )


def give_back(*, claim: Claim, reason: str) -> None:
    """Try it again after a fault of ours; after too many it stays as it was."""
    logger.warning("regrading %s, try %d: %s", claim.item_id, claim.tries, reason)
    if claim.tries >= settings.MAX_TRIES:
        _fail(claim, reason)
        return
    free = {"state": State.QUEUED, "lease": None, "lease_until": None, "sent_at": None}
    if _held(claim).update(**free):
        release_on_commit()


def _fail(claim: Claim, reason: str) -> bool:
    report = {"staff_note": reason}
    return _finish(claim, verdict=Verdict.SYSTEM_ERROR, score=0.0, report=report)


def _held(claim: Claim) -> QuerySet[Regrading]:
    return Regrading.objects.filter(
        pk=claim.item_id, lease=claim.lease, state=State.RUNNING
    )


def _finish(claim: Claim, **outcome: Any) -> bool:
    with transaction.atomic():
        done = {"state": State.DONE, "lease": None, "lease_until": None}
        if not _held(claim).update(**done, **outcome):
            return False
        _finish_if_done(Regrading.objects.get(pk=claim.item_id).regrade_id)
        release_on_commit()
    return True


def _finish_if_done(regrade_id: UUID) -> None:
    unfinished = Regrading.objects.filter(regrade=regrade_id).exclude(state=State.DONE)
    if not unfinished.exists():
        Regrade.objects.filter(pk=regrade_id, stage=Stage.GRADING).update(
            stage=Stage.READY, finished_at=timezone.now()
        )


def sweep() -> None:
    """Take back expired leases and lost messages; harmless at any time."""
    for item in _with_relations().filter(lease_is_over(), state=State.RUNNING):
        give_back(claim=_claim_of(item), reason="the lease expired")
    lost = Regrading.objects.filter(
        sent_long_ago(timezone.now(), RESEND_AFTER),
        state=State.QUEUED,
        regrade__stage=Stage.GRADING,
    )
    lost.update(sent_at=None)
    release()
