"""What a submission that is not done waits for, and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from exercises.spec import UnknownExercise, load_exercise
from quizsite.lib.plural import plural_here
from quizsite.submissions.models import Heartbeat, OutboxMessage, State, Submission
from quizsite.submissions.queue import CPU_QUEUE, GPU_QUEUE, answers

# The older a submission, the rarer the page asks: (up to this age, milliseconds).
PACE = (
    (timedelta(seconds=5), 300),
    (timedelta(minutes=1), 1000),
    (timedelta(minutes=10), 5000),
)
SLOWEST_MS = 15000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it is not done yet; ``for_gpu``: for want of a worker with a GPU."""

    text: str
    for_gpu: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    title: str
    reason: str
    for_gpu: bool
    since: datetime
    ask_again_ms: int
    rescue_ms: int  # when to ask if that answer never comes


def waiting(submission: Submission) -> Waiting | None:
    """What it waits for; None if it waits for nothing."""
    if submission.is_over:
        return None
    is_running = submission.state == State.RUNNING
    reason = _of_running(submission) if is_running else _of_queued(submission)
    pace = _pace(timezone.now() - submission.created_at)
    return Waiting(
        title=_("Проверяется") if is_running else _("В очереди"),
        reason=reason.text,
        for_gpu=reason.for_gpu,
        since=(submission.started_at if is_running else None) or submission.created_at,
        ask_again_ms=pace,
        rescue_ms=max(5000, 2 * pace),
    )


def _pace(age: timedelta) -> int:
    return next((pace for limit, pace in PACE if age < limit), SLOWEST_MS)


def _of_running(submission: Submission) -> Reason:
    if submission.tries < 2:
        return Reason(_("Код выполняется в песочнице."))
    text = _(
        "Прошлая проверка прервалась не по вашей вине, поэтому код проверяется "
        "ещё раз: попытка %(number)d из %(limit)d."
    ) % {"number": submission.tries, "limit": settings.MAX_TRIES}
    return Reason(text)


def _of_queued(submission: Submission) -> Reason:
    message = OutboxMessage.objects.filter(submission=submission).first()
    is_for_gpu = message is not None and message.queue == GPU_QUEUE
    if is_for_gpu and not answers("gpu"):
        return _of_silent_gpu(submission)
    if message is None or message.sent_at is None:
        return Reason(_unsent(submission, GPU_QUEUE if is_for_gpu else CPU_QUEUE))
    if not is_for_gpu and not answers("worker"):
        return Reason(
            _(
                "Проверяющие сейчас не на связи. Посылка сохранена и дождётся их; "
                "страницу можно закрыть."
            )
        )
    return Reason(_in_line(submission, message.queue))


def _in_line(submission: Submission, queue: str) -> str:
    ahead = _ahead(submission, queue)
    if not ahead:
        return _("Ваша посылка следующая.")
    noun = plural_here(ahead, _("посылка,посылки,посылок"))
    return _("Перед ней в очереди %(ahead)d %(noun)s.") % {"ahead": ahead, "noun": noun}


def _unsent(submission: Submission, queue: str) -> str:
    own = OutboxMessage.objects.filter(submission__user=submission.user_id, queue=queue)
    if own.in_flight().count() >= settings.MAX_IN_FLIGHT:
        return _(
            "Ждёт ваших предыдущих посылок: одновременно проверяются не больше "
            "%(limit)d, чтобы очередь двигалась у всех."
        ) % {"limit": settings.MAX_IN_FLIGHT}
    return _(
        "Посылка сохранена, но очередь проверок сейчас не отвечает. Как только она "
        "ответит, посылка уйдёт на проверку сама; страницу можно закрыть."
    )


def _of_silent_gpu(submission: Submission) -> Reason:
    if _can_do_without(submission):
        text = _(
            "Проверяющий с видеокартой перестал отвечать, поэтому посылку скоро "
            "проверят без видеокарты. Баллов это не стоит; страницу можно закрыть."
        )
        return Reason(text)
    text = _(
        "Заданию нужна видеокарта, а проверяющих с видеокартой сейчас нет на "
        "связи. Посылка сохранена и дождётся их; страницу можно закрыть."
    )
    return Reason(f"{text} {_last_heard()}", for_gpu=True)


def _can_do_without(submission: Submission) -> bool:
    try:
        return load_exercise(submission.exercise).device != "gpu"
    except UnknownExercise:
        return False


def _last_heard() -> str:
    """Since when there is no worker with a GPU."""
    beat = Heartbeat.objects.filter(component="gpu").first()
    if beat is None:
        return _("С тех пор как сайт запущен, их не было.")
    at = date_format(timezone.localtime(beat.at), "j E, H:i")
    if beat.ok:
        return _("Последний раз они отвечали: %s.") % at
    return _("Видеокарта не работает; последний раз это проверено: %s.") % at


def _ahead(submission: Submission, queue: str) -> int:
    return OutboxMessage.objects.filter(
        queue=queue,
        sent_at__isnull=False,
        submission__state=State.QUEUED,
        submission__created_at__lt=submission.created_at,
    ).count()
