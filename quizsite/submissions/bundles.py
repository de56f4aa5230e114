"""Public examples and replays: asked for here, made by a grader, kept here.

A row is the order. Whoever asks for what is not there yet sends it, and whoever asks
again after a while sends it again, for the broker may have lost it; nothing else waits
for it. Of one person's replays only a few are with the graders at once: nobody's flood
delays another. The grader gets the seed that the inputs are made from; it never leaves.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from exercises.spec import Exercise
from graders.archive import examples_archive, replay_archive
from graders.report import for_student
from quizsite.submissions.models import Bundle, Submission
from quizsite.submissions.queue import GPU_QUEUE, sent_long_ago

logger = logging.getLogger(__name__)

BUNDLE_TASK = "graders.chores.bundle"
RESEND_AFTER = timedelta(seconds=15)
RETRY_AFTER = timedelta(minutes=10)  # what could not be made
KEPT_FOR = timedelta(days=7)  # replays; they are made again in a moment
KEPT_PER_PERSON = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What a grader is to make."""

    exercise: str
    exercise_digest: str
    seed: str  # empty: the public one of this version of the exercise
    with_hidden: bool


def examples(*, exercise: Exercise) -> Bundle:
    """The exercise's public examples, ordered if they are not there."""
    bundle, is_new = Bundle.objects.get_or_create(
        key=_key("examples", exercise.slug, exercise.digest),
        defaults={"exercise": exercise.slug, "exercise_digest": exercise.digest},
    )
    if is_new:
        outdated = Bundle.objects.filter(exercise=exercise.slug, submission=None)
        outdated.exclude(pk=bundle.pk).delete()
    return _sent(bundle, exercise)


def examples_zip(*, exercise: Exercise) -> tuple[bytes, bool]:
    """The archive, and whether the examples are in it yet."""
    bundle = examples(exercise=exercise)
    made = examples_archive(exercise, bundle.cases, bytes(bundle.tensors))
    return made, bundle.is_ready


def is_replayable(submission: Submission, exercise: Exercise | None) -> bool:
    """Whether anything was run, of the version of the exercise that is here now."""
    report = submission.report or {}
    was_run = "run" in report.get("timing_ms", {}) and bool(report.get("seed"))
    digest = submission.exercise_digest
    return was_run and exercise is not None and digest == exercise.digest


def replay(
    *, submission: Submission, exercise: Exercise, with_hidden: bool = False
) -> Bundle:
    """What the submission was run on, ordered if it is not there."""
    bundle, is_new = Bundle.objects.get_or_create(
        key=_replay_key(submission, with_hidden),
        defaults={
            "exercise": exercise.slug,
            "exercise_digest": exercise.digest,
            "submission": submission,
            "with_hidden": with_hidden,
        },
    )
    if is_new:
        _forget_oldest(submission.user_id)
    return _sent(bundle, exercise)


def known_replay(*, submission: Submission, with_hidden: bool = False) -> Bundle | None:
    """The same if it was ordered before."""
    key = _replay_key(submission, with_hidden)
    return Bundle.objects.defer("cases", "tensors").filter(key=key).first()


def replay_zip(*, bundle: Bundle, submission: Submission, exercise: Exercise) -> bytes:
    """The archive of a replay that is ready."""
    return replay_archive(
        exercise,
        bundle.cases,
        bytes(bundle.tensors),
        source=submission.source,
        report=for_student(submission.report or {}),
        with_hidden=bundle.with_hidden,
    )


def _replay_key(submission: Submission, with_hidden: bool) -> str:
    """Another seed or version of the exercise makes another replay."""
    seed = (submission.report or {}).get("seed", "")
    scope = "all" if with_hidden else "public"
    return _key(str(submission.pk), scope, submission.exercise_digest, seed)


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _forget_oldest(user_id: int) -> None:
    own = Bundle.objects.filter(submission__user=user_id).order_by("-asked_at")
    old = list(own.values_list("pk", flat=True)[KEPT_PER_PERSON:])
    Bundle.objects.filter(pk__in=old).delete()


def _sent(bundle: Bundle, exercise: Exercise) -> Bundle:
    """The same, sent to a grader if that is due; of two who ask one sends."""
    if bundle.is_ready:
        return bundle
    now = timezone.now()
    if _orders_wait(bundle, now):
        return bundle  # asked for again it is sent, once a grader has made those
    pause = RETRY_AFTER if bundle.problem else RESEND_AFTER
    same = Bundle.objects.filter(pk=bundle.pk, sent_at=bundle.sent_at)
    if bundle.sent_at is not None:
        same = same.filter(sent_long_ago(now, pause))
    if same.update(sent_at=now, problem="", done_at=None):
        bundle.problem, bundle.done_at = "", None
        transaction.on_commit(partial(_send, bundle, exercise), robust=True)
    return bundle


def _orders_wait(bundle: Bundle, now: datetime) -> bool:
    """Whether graders have enough to do already for whose replay this is."""
    if bundle.submission is None:
        return False
    own = Bundle.objects.filter(submission__user=bundle.submission.user_id)
    sent = own.filter(done_at=None, sent_at__isnull=False).exclude(pk=bundle.pk)
    there = sent.exclude(sent_long_ago(now, RESEND_AFTER))
    return there.count() >= settings.MAX_IN_FLIGHT


def _send(bundle: Bundle, exercise: Exercise) -> None:
    is_gpu = exercise.device == "gpu"
    target = GPU_QUEUE if is_gpu else settings.CELERY_TASK_DEFAULT_QUEUE
    try:
        current_app.send_task(BUNDLE_TASK, args=[bundle.pk], queue=target, retry=False)
    except Exception as error:  # as many kinds as there are brokers
        logger.warning("the broker took no message, who asks again retries: %s", error)
        Bundle.objects.filter(pk=bundle.pk).update(sent_at=None)


# --- the grader's side ----------------------------------------------------------


def order(*, bundle_id: int) -> Order | None:
    """What to make; None if it is there or nobody wants it any more."""
    wanted = Bundle.objects.filter(pk=bundle_id, done_at=None)
    bundle = wanted.select_related("submission").first()
    if bundle is None:
        return None
    seed = ""
    if submission := bundle.submission:
        if _replay_key(submission, bundle.with_hidden) != bundle.key:
            return None  # it was graded again meanwhile
        seed = (submission.report or {})["seed"]
    return Order(
        exercise=bundle.exercise,
        exercise_digest=bundle.exercise_digest,
        seed=seed,
        with_hidden=bundle.with_hidden,
    )


def deliver(*, bundle_id: int, cases: str, tensors: bytes) -> None:
    Bundle.objects.filter(pk=bundle_id, done_at=None).update(
        cases=cases, tensors=tensors, done_at=timezone.now()
    )


def refuse(*, bundle_id: int, reason: str) -> None:
    """It cannot be made, which is not the student's doing."""
    logger.warning("bundle %s: %s", bundle_id, reason)
    Bundle.objects.filter(pk=bundle_id, done_at=None).update(
        problem=reason, done_at=timezone.now()
    )


def sweep() -> None:
    old = Bundle.objects.filter(submission__isnull=False)
    old.filter(asked_at__lt=timezone.now() - KEPT_FOR).delete()
