"""Messages to the graders: sent by name, after the commit, a few per student.

The broker may lose or repeat any of them. A repeated message finds nothing to claim; a
lost one is sent again by the sweep, and the longer a submission has waited, the more
patiently: a queue without a worker must not fill with copies.

An exercise that needs a GPU waits for a worker that has one. One that only has checks
which such a worker can judge beside goes to it while it answers, and to any otherwise;
that is decided anew each time it is sent.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from exercises.spec import Exercise, MalformedExercise, UnknownExercise, load_exercise
from quizsite.accounts.models import User
from quizsite.submissions.models import (
    Heartbeat,
    OutboxMessage,
    OutboxQuerySet,
    State,
    Submission,
)

logger = logging.getLogger(__name__)

GRADE_TASK, HEARTBEAT_TASK = "graders.tasks.grade", "graders.tasks.heartbeat"
CPU_QUEUE, GPU_QUEUE = "grading.cpu", "grading.gpu"
RESEND_AFTER = timedelta(seconds=30)
RESEND_WITHIN = timedelta(minutes=10)
RESEND_BATCH = 500
SILENT_AFTER = timedelta(seconds=60)  # heartbeats come every ten
GPU_SILENT_AFTER = timedelta(minutes=2)  # every thirty, and slow gradings hold them up
GPU_ASKED_AFTER = timedelta(seconds=25)
GPU_FORGOTTEN_AFTER = timedelta(hours=1)  # who is silent for so long is asked no more


def enqueue(submission: Submission, exercise: Exercise) -> None:
    """Have the submission graded; part of the caller's transaction."""
    OutboxMessage.objects.bulk_create(  # one statement, be it there already or not
        [OutboxMessage(submission=submission, queue=queue_for(exercise))],
        update_conflicts=True,
        unique_fields=["submission"],
        update_fields=["queue", "sent_at"],
    )
    release_on_commit(submission.user_id)


def queue_for(exercise: Exercise) -> str:
    """Who is to grade its submissions now."""
    if exercise.device == "gpu" or (exercise.wants_gpu and answers("gpu")):
        return GPU_QUEUE
    return CPU_QUEUE


def answers(component: str) -> bool:
    """Whether a part of the site has been heard of lately, and was well."""
    recent = timezone.now() - (GPU_SILENT_AFTER if component == "gpu" else SILENT_AFTER)
    beats = Heartbeat.objects.filter(component=component, ok=True, at__gte=recent)
    return beats.exists()


def ask_gpu_for_life() -> None:
    """Send a heartbeat to the worker with a GPU, if there has been one lately.

    Nobody else can: messages to a queue without a worker would stay there.
    """
    now = timezone.now()
    silent = Heartbeat.objects.filter(
        component="gpu",
        at__gt=now - GPU_FORGOTTEN_AFTER,
        at__lt=now - GPU_ASKED_AFTER,
    )
    if not silent.exists():
        return
    try:
        current_app.send_task(HEARTBEAT_TASK, queue=GPU_QUEUE, expires=20, retry=False)
    except Exception as error:  # as many kinds as there are brokers
        logger.warning("the broker took no heartbeat: %s", error)


def release_on_commit(user_id: int) -> None:
    # What is committed is safe: a failure to send must not become an error page.
    transaction.on_commit(partial(release, user_id), robust=True)


def release(user_id: int) -> bool:
    """Send as many of the student's waiting submissions as may be in flight.

    Whether the broker took them.
    """
    taken = [_send(message) for message in _take_places(user_id)]
    return all(taken)


def release_waiting() -> None:
    waiting = OutboxMessage.objects.waiting().values_list("submission__user", flat=True)
    for user_id in waiting.distinct():
        if not release(user_id):
            return


def resend_lost() -> None:
    """Send again what no worker has claimed although its message is old."""
    now = timezone.now()
    sent = OutboxMessage.objects.filter(
        sent_long_ago(now, RESEND_AFTER), submission__state=State.QUEUED
    )
    for message in sent.order_by("sent_at", "created_at")[:RESEND_BATCH]:
        if _is_overdue(message, now) and _touch(message, now) and not _send(message):
            return


def sent_long_ago(now: datetime, than: timedelta) -> Q:
    """Longer than that; or in the future, where the clock was set back since."""
    return Q(sent_at__lt=now - than) | Q(sent_at__gt=now + than)


def _take_places(user_id: int) -> list[OutboxMessage]:
    with transaction.atomic():
        # Two at once for one student would each find the same place free.
        User.objects.select_for_update().only("pk").get(pk=user_id)
        own = OutboxMessage.objects.filter(submission__user=user_id)
        queues = own.waiting().values_list("queue", flat=True).distinct()
        chosen = [message for queue in queues for message in _fitting(own, queue)]
        ids = [message.pk for message in chosen]
        OutboxMessage.objects.filter(pk__in=ids).update(sent_at=timezone.now())
    return chosen


def _fitting(own: OutboxQuerySet, queue: str) -> list[OutboxMessage]:
    """As many as may be in flight; those that wait for a GPU hold up no others."""
    there = own.filter(queue=queue)
    free = max(0, settings.MAX_IN_FLIGHT - there.in_flight().count())
    return list(there.waiting().order_by("submission__created_at")[:free])


def _is_overdue(message: OutboxMessage, now: datetime) -> bool:
    if message.sent_at is None:
        return False
    waited = message.sent_at - message.created_at
    since = abs(now - message.sent_at)
    return since > min(max(waited, RESEND_AFTER), RESEND_WITHIN)


def _touch(message: OutboxMessage, now: datetime) -> bool:
    """Whether it was ours to send again: of two sweeps only one does."""
    same = OutboxMessage.objects.filter(pk=message.pk, sent_at=message.sent_at)
    return same.update(sent_at=now) == 1


def _send(message: OutboxMessage) -> bool:
    if message.queue == GPU_QUEUE:
        _route(message)
    try:
        current_app.send_task(
            GRADE_TASK,
            args=[str(message.submission_id)],
            queue=message.queue,
            retry=False,
        )
    except Exception as error:  # as many kinds as there are brokers
        logger.warning("the broker took no message, the sweep will retry: %s", error)
        OutboxMessage.objects.filter(pk=message.pk).update(sent_at=None)
        return False
    return True


def _route(message: OutboxMessage) -> None:
    """To the others, if it can do without a GPU and no GPU answers any more."""
    try:
        wanted = queue_for(load_exercise(message.submission.exercise))
    except (UnknownExercise, MalformedExercise):  # the worker says what is wrong
        return
    if wanted != message.queue:
        message.queue = wanted
        OutboxMessage.objects.filter(pk=message.pk).update(queue=wanted)
