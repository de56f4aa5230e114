"""What a submission that is not done waits for, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from quizsite.lib.plural import plural_here
from quizsite.submissions.models import Heartbeat, OutboxMessage, State, Submission
from quizsite.submissions.queue import GPU_QUEUE

SILENT_AFTER = timedelta(seconds=60)  # heartbeats come every ten
# The older a submission, the rarer the page asks: (up to this age, milliseconds).
PACE = (
    (timedelta(seconds=5), 300),
    (timedelta(minutes=1), 1000),
    (timedelta(minutes=10), 5000),
)
SLOWEST_MS = 15000


@dataclass(frozen=True, slots=True)
class Waiting:
    title: str
    reason: str
    since: datetime
    ask_again_ms: int
    rescue_ms: int  # when to ask if that answer never comes


def waiting(submission: Submission) -> Waiting | None:
    """What it waits for; None if it waits for nothing."""
    if submission.is_over:
        return None
    is_running = submission.state == State.RUNNING
    pace = _pace(timezone.now() - submission.created_at)
    return Waiting(
        title=_("Проверяется") if is_running else _("В очереди"),
        reason=_of_running(submission) if is_running else _of_queued(submission),
        since=(submission.started_at if is_running else None) or submission.created_at,
        ask_again_ms=pace,
        rescue_ms=max(5000, 2 * pace),
    )


def _pace(age: timedelta) -> int:
    return next((pace for limit, pace in PACE if age < limit), SLOWEST_MS)


def _of_running(submission: Submission) -> str:
    if submission.tries < 2:
        return _("Код выполняется в песочнице.")
    return _(
        "Прошлая проверка прервалась не по вашей вине, поэтому код проверяется "
        "ещё раз: попытка %(number)d из %(limit)d."
    ) % {"number": submission.tries, "limit": settings.MAX_TRIES}


def _of_queued(submission: Submission) -> str:
    message = OutboxMessage.objects.filter(submission=submission).first()
    if message is None or message.sent_at is None:
        return _unsent(submission)
    if not _answers("gpu" if message.queue == GPU_QUEUE else "worker"):
        return _silent(message.queue)
    ahead = _ahead(submission, message.queue)
    if not ahead:
        return _("Ваша посылка следующая.")
    noun = plural_here(ahead, _("посылка,посылки,посылок"))
    return _("Перед ней в очереди %(ahead)d %(noun)s.") % {"ahead": ahead, "noun": noun}


def _unsent(submission: Submission) -> str:
    own = OutboxMessage.objects.filter(submission__user=submission.user_id)
    if own.in_flight().count() >= settings.MAX_IN_FLIGHT:
        return _(
            "Ждёт ваших предыдущих посылок: одновременно проверяются не больше "
            "%(limit)d, чтобы очередь двигалась у всех."
        ) % {"limit": settings.MAX_IN_FLIGHT}
    return _(
        "Посылка сохранена, но очередь проверок сейчас не отвечает. Как только она "
        "ответит, посылка уйдёт на проверку сама; страницу можно закрыть."
    )


def _silent(queue: str) -> str:
    if queue == GPU_QUEUE:
        return _(
            "Заданию нужна видеокарта, а проверяющих с видеокартой сейчас нет на "
            "связи. Посылка сохранена и дождётся их; страницу можно закрыть."
        )
    return _(
        "Проверяющие сейчас не на связи. Посылка сохранена и дождётся их; "
        "страницу можно закрыть."
    )


def _answers(component: str) -> bool:
    recent = timezone.now() - SILENT_AFTER
    return Heartbeat.objects.filter(component=component, at__gte=recent).exists()


def _ahead(submission: Submission, queue: str) -> int:
    return OutboxMessage.objects.filter(
        queue=queue,
        sent_at__isnull=False,
        submission__state=State.QUEUED,
        submission__created_at__lt=submission.created_at,
    ).count()
