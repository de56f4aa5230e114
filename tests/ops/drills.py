"""What the fault drills begin with, wait for and end with."""

from __future__ import annotations

import os
import signal
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from celery import current_app
from django.conf import settings

from exercises.spec import all_exercises, load_exercise
from graders.verdicts import Verdict
from quizsite.accounts.models import User
from quizsite.courses.models import GradeEvent
from quizsite.submissions.models import (
    OutboxMessage,
    State,
    Submission,
    SubmissionQuerySet,
)
from quizsite.submissions.queue import CPU_QUEUE
from quizsite.submissions.services import submit, sweep
from tests.factories import UserFactory
from tests.ops.worker import children, descendants, until

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
EXERCISES = [exercise for exercise in all_exercises() if exercise.device != "gpu"][:6]
ATTENTION = load_exercise("tr_attention")
REFERENCE = (ATTENTION.folder / "reference.py").read_text()
SLOW = f"""
import time
end = time.monotonic() + 1.5
while time.monotonic() < end:
    pass
{REFERENCE}"""
# Each call is quick enough, but there are many; sleeping asks nothing of the machine,
# so that a busy one changes neither.
LENGTHY = f"""
import time
{REFERENCE}
at_once = attention
def attention(*args, **options):
    time.sleep(0.6)
    return at_once(*args, **options)
"""
CONTAINER, ZYGOTE = 0, 3  # of a child's descendants; between them init and relay


# --- before -------------------------------------------------------------------


def purge_queues() -> None:
    """Messages on submissions of earlier tests would only be in the way."""
    with current_app.connection_for_write() as broker:
        for name in (CPU_QUEUE, settings.CELERY_TASK_DEFAULT_QUEUE):
            queue = current_app.amqp.queues[name].bind(broker.default_channel)
            queue.declare()
            queue.purge()


def burst(students: int = 4) -> list[Submission]:
    """Each of so many students hands in every exercise, all at once."""
    crowd = [UserFactory() for _ in range(students)]
    return [
        submit(user=student, exercise=exercise, source=source_of(exercise.slug))
        for exercise in EXERCISES
        for student in crowd
    ]


def source_of(slug: str) -> str:
    return (load_exercise(slug).folder / "reference.py").read_text()


def hand_in(source: str = REFERENCE, user: User | None = None) -> Submission:
    return submit(user=user or UserFactory(), exercise=ATTENTION, source=source)


# --- meanwhile ----------------------------------------------------------------


def done(submissions: Collection[Submission]) -> SubmissionQuerySet:
    ids = [one.pk for one in submissions]
    return Submission.objects.filter(pk__in=ids, state=State.DONE)


def is_in(state: State, submission: Submission) -> bool:
    submission.refresh_from_db()
    return submission.state == state


def await_state(state: State, submission: Submission) -> None:
    until(lambda: is_in(state, submission), f"{submission} never came to {state}")


def await_some(submissions: Collection[Submission], number: int = 3) -> None:
    """Wait until a burst is well under way."""
    until(lambda: done(submissions).count() >= number, "nothing is graded")


def await_all(submissions: Collection[Submission]) -> None:
    """Wait until all are done, with beat's sweep now and then."""

    def are_done() -> bool:
        half_a_minute_passes()
        return done(submissions).count() == len(submissions)

    until(are_done, "some were lost", every_s=2)


def in_flight() -> set[UUID]:
    return set(OutboxMessage.objects.in_flight().values_list("submission", flat=True))


def half_a_minute_passes() -> None:
    """For the sweep: what was sent and not yet claimed is overdue."""
    sent = OutboxMessage.objects.filter(submission__state=State.QUEUED)
    sent.filter(sent_at__isnull=False).update(sent_at=LONG_AGO)
    sweep()


def leases_run_out() -> None:
    Submission.objects.filter(state=State.RUNNING).update(lease_until=LONG_AGO)
    sweep()


class HasPid(Protocol):
    pid: int


def busy_children(worker: HasPid) -> list[int]:
    """The children of the worker in whose sandboxes a submission runs."""
    return [child for child in children(worker.pid) if _runs_something(child)]


def await_busy_child(worker: HasPid) -> int:
    found: list[int] = []

    def is_busy() -> bool:
        found.extend(busy_children(worker))
        return bool(found)

    until(is_busy, "no submission runs")
    return found[0]


def _runs_something(child: int) -> bool:
    runners = descendants(child)[ZYGOTE + 1 :]
    return any(_cpu_s(pid) > 0.2 for pid in runners)


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended
        return 0.0
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")


def kill_service(name: str) -> None:
    """End one of the servers of .ci/services, which starts it again."""
    os.kill(service_pid(name), signal.SIGKILL)


def service_pid(name: str) -> int:
    return int(Path(os.environ["SERVICES_DIR"], f"{name}.pid").read_text())


# --- after --------------------------------------------------------------------


def _told(submission: Submission) -> str:
    """What a report says against a submission that should have been accepted."""
    report = submission.report or {}
    words = [submission.exercise, submission.verdict, f"try {submission.tries}"]
    words += [str(report.get(key)) for key in ("message", "staff_note")]
    failed = (check for check in report.get("checks", ()) if not check["passed"])
    return ": ".join([*words, *(str(check["message"]) for check in failed)])


def assert_fair(
    submissions: Collection[Submission], hit: Collection[UUID] = ()
) -> None:
    """Nothing is lost or graded twice, no fault is charged, the order is kept.

    What the fault ``hit`` may have been overtaken.
    """
    found = list(Submission.objects.order_by("created_at"))
    assert {one.pk for one in found} == {one.pk for one in submissions}
    assert [_told(one) for one in found if one.verdict != Verdict.ACCEPTED] == []
    graded = GradeEvent.objects.values_list("submission", "share")
    assert sorted(graded) == sorted((one.pk, 1.0) for one in found)
    assert not OutboxMessage.objects.exists()
    begun = defaultdict(list)
    for one in found:
        if one.pk not in hit:
            begun[one.user_id].append(one.started_at)
    for times in begun.values():
        # Two of a student are in flight at once, so neighbours may change places.
        assert all(a < b for a, b in zip(times, times[2:], strict=False))
