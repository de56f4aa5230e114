"""Messages to the graders: sent by name, after the commit, a few per student.

The broker may lose or repeat any of them. A repeated message finds nothing to claim; a
lost one is sent again by the sweep, and the longer a submission has waited, the more
patiently: a queue without a worker must not fill with copies.
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

from quizsite.accounts.models import User
from quizsite.submissions.models import OutboxMessage, State, Submission

logger = logging.getLogger(__name__)

GRADE_TASK = "graders.tasks.grade"
CPU_QUEUE, GPU_QUEUE = "grading.cpu", "grading.gpu"
RESEND_AFTER = timedelta(seconds=30)
RESEND_WITHIN = timedelta(minutes=10)
RESEND_BATCH = 500


def enqueue(submission: Submission, device: str) -> None:
    """Have the submission graded; part of the caller's transaction."""
    OutboxMessage.objects.update_or_create(
        submission=submission,
        defaults={
            "queue": GPU_QUEUE if device == "gpu" else CPU_QUEUE,
            "sent_at": None,
        },
    )
    release_on_commit(submission.user_id)


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
        User.objects.select_for_update().get(pk=user_id)
        own = OutboxMessage.objects.filter(submission__user=user_id)
        free = max(0, settings.MAX_IN_FLIGHT - own.in_flight().count())
        chosen = list(own.waiting().order_by("submission__created_at")[:free])
        ids = [message.pk for message in chosen]
        OutboxMessage.objects.filter(pk__in=ids).update(sent_at=timezone.now())
    return chosen


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
