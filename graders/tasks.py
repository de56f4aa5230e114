"""The Celery edge: the only module that knows both the site and the grader.

The worker's parent imports torch once, with one thread, and forks children that share
it. Each child owns one sandbox, opened when the child starts, so that the first
submission finds it warm. A child that is killed takes its sandbox along (the zygote
dies with its parent).

A lease is not renewed. It is longer than any grading may take: the time limit kills
the child before the lease ends, so nobody ever grades under a lease that another may
have taken. There is no milder limit, for the exception that Celery raises at that
could be caught by the author's code, which runs in the child. The worker's parent
draws the lease of each message, so it can take back what a dead child held. Only
where the parent died too must the lease run out.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import torch
from celery import Task, current_app, shared_task, signals
from celery.worker.request import Request
from django.conf import settings
from django.db import connections

from exercises.authoring import call
from exercises.spec import all_exercises, load_exercise
from graders import pipeline
from graders.errors import ExerciseBroken, SystemFault
from graders.places import from_notes
from graders.reference import trusted
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Job, Sandbox
from quizsite.submissions import services
from quizsite.submissions.queue import CPU_QUEUE, GPU_QUEUE, GRADE_TASK

logger = logging.getLogger(__name__)
torch.set_num_threads(1)  # the grader's own: children are forked, cores are shared

TIME_LIMIT = settings.LEASE_SECONDS - 5
SHOW_LIFE_S = 10.0  # how often a busy child says that it is well
NOTHING = Job("def nothing():\n    return 0\n", probe=None, requires=("nothing",))

_open: list[Sandbox] = []  # this process's sandbox, if it has one
_shown = SimpleNamespace(at=-math.inf)  # when this process last showed life


class GradeRequest(Request):
    """The parent's side of one grading: takes it back if the child cannot."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lease = uuid4()
        self.request_dict["lease"] = str(self.lease)

    def on_failure(self, *args: Any, **options: Any) -> None:
        super().on_failure(*args, **options)
        self._take_back()

    def on_timeout(self, soft: bool, timeout: float) -> None:
        super().on_timeout(soft, timeout)
        if not soft:  # the child is killed
            self._take_back()

    def _take_back(self) -> None:
        try:
            services.take_back(
                submission_id=UUID(self.args[0]),
                lease=self.lease,
                reason="the process that graded it was lost",
            )
        except Exception:  # the parent must go on; the lease will run out
            logger.exception("%s could not be taken back", self.args)
        finally:
            connections.close_all()  # children are forked from here


class GradeTask(Task):  # type: ignore[type-arg]  # generic in the stubs only
    Request = GradeRequest  # type: ignore[assignment]


@shared_task(name=GRADE_TASK, base=GradeTask, bind=True, time_limit=TIME_LIMIT)
def grade(self: GradeTask, submission_id: str) -> None:
    """Claim, grade, record; whoever gets no claim leaves at once."""
    lease = UUID(self.request.get("lease") or str(uuid4()))
    claim = services.claim(submission_id=UUID(submission_id), lease=lease)
    if claim is None:
        return
    try:
        exercise = load_exercise(claim.exercise)
        fragments = from_notes(claim.intake_notes)
        report = pipeline.grade(
            claim.source, exercise, sandbox(), fragments=fragments
        ).as_json()
        report["environment"] = dict(sandbox().facts)
    except Exception as fault:  # whatever it is, it is no student's doing
        logger.exception("grading %s failed", submission_id)
        close_sandbox()
        services.give_back(claim=claim, reason=repr(fault))
    else:
        services.record(claim=claim, report=report, exercise_digest=exercise.digest)
        show_life(report)


@shared_task(name="graders.tasks.sweep")
def sweep() -> None:
    services.sweep()


@shared_task(name="graders.tasks.heartbeat")
def heartbeat() -> None:
    """Show that messages arrive here and that a sandbox runs code."""
    record_life(try_sandbox())


def show_life(report: Mapping[str, Any]) -> None:
    """A grading shows the same: heartbeats wait in the queue behind slow ones."""
    is_due = time.monotonic() - _shown.at > SHOW_LIFE_S
    if is_due and "run" in report["timing_ms"]:
        record_life(problem="")


def record_life(problem: str) -> None:
    _shown.at = time.monotonic()
    queues = sorted(current_app.amqp.queues.consume_from)
    for queue, component in ((CPU_QUEUE, "worker"), (GPU_QUEUE, "gpu")):
        if queue in queues:
            services.record_heartbeat(
                component=component, ok=True, detail={"queues": queues}
            )
    services.record_heartbeat(
        component="sandbox", ok=not problem, detail={"problem": problem}
    )


def try_sandbox() -> str:
    """What keeps the sandbox from running an empty job; nothing if it ran."""
    try:
        with sandbox().runner(NOTHING) as runner:
            loaded = runner.load()
            answered = runner.run(call("nothing").inputs) if loaded.ok else loaded
    except SystemFault as fault:
        logger.warning("the sandbox fails: %s", fault)
        close_sandbox()
        return str(fault)
    return "" if answered.ok else f"an empty job ended with {answered.failure}"


def sandbox() -> Sandbox:
    """This process's sandbox, opened on first use.

    Raises:
        SandboxUnavailable: no isolation can be had here.
    """
    if not _open:
        _open.append(open_sandbox(settings.SANDBOX))
    return _open[0]


def close_sandbox() -> None:
    while _open:
        _open.pop().close()


@signals.worker_init.connect
def read_exercises(**_: Any) -> None:
    """Load the references once, in the parent: no student waits for that."""
    for exercise in all_exercises():
        try:
            trusted(exercise)
        except ExerciseBroken:
            logger.exception("%s cannot be graded", exercise.slug)


@signals.worker_process_init.connect
def _warm_up(**_: Any) -> None:
    try_sandbox()


@signals.worker_process_shutdown.connect
def _cool_down(**_: Any) -> None:
    close_sandbox()


@signals.worker_ready.connect
def _say_that_we_are_here(sender: Any, **_: Any) -> None:
    queues = sender.app.amqp.queues.consume_from
    heartbeat.apply_async(queue=next(iter(queues)), retry=False)


# At the end: they use what is defined above.
from graders import chores as chores  # noqa: E402
