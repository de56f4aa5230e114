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

A worker that consumes ``grading.gpu`` has one child and, beside its sandbox, one that
has a GPU. Nothing of CUDA is ever loaded here: what computes on the device, the
reference too, is a runner.
"""

from __future__ import annotations

import logging
import math
import sys
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
from quizsite.submissions import queue, services
from quizsite.submissions.queue import CPU_QUEUE, GPU_QUEUE, GRADE_TASK

logger = logging.getLogger(__name__)
torch.set_num_threads(1)  # the grader's own: children are forked, cores are shared

TIME_LIMIT = settings.LEASE_SECONDS - 5
SHOW_LIFE_S = 10.0  # how often a busy child says that it is well
NOTHING = Job("def nothing():\n    return 0\n", probe=None, requires=("nothing",))

_open: dict[str, Sandbox] = {}  # this process's sandboxes, by their URLs
_shown = SimpleNamespace(at=-math.inf, problem="")  # this process's last sign of life


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
    if not is_fit():
        return  # unclaimed, it waits
    claim = services.claim(submission_id=UUID(submission_id), lease=lease)
    if claim is None:
        return
    try:
        exercise = load_exercise(claim.exercise)
        fragments = from_notes(claim.intake_notes)
        report = pipeline.grade(
            claim.source, exercise, *sandboxes(), fragments=fragments
        ).as_json()
        report["environment"] = dict(sandbox().facts)
    except Exception as fault:  # whatever it is, it is no student's doing
        logger.exception("grading %s failed", submission_id)
        note_fault(fault)
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
    record_life(try_sandboxes())
    queue.ask_gpu_for_life()


def show_life(report: Mapping[str, Any]) -> None:
    """A grading shows the same: heartbeats wait in the queue behind slow ones."""
    is_due = time.monotonic() - _shown.at > SHOW_LIFE_S
    if is_due and "run" in report["timing_ms"]:
        record_life(problem="")


def record_life(problem: str) -> None:
    _shown.at, _shown.problem = time.monotonic(), problem
    queues = consumed()
    detail = {"queues": queues, "problem": problem}
    if GPU_QUEUE in queues:
        services.record_heartbeat(component="gpu", ok=not problem, detail=detail)
    if CPU_QUEUE in queues:
        services.record_heartbeat(component="worker", ok=True, detail=detail)
    # The site is well without a GPU, and with one that is ill.
    if queues != [GPU_QUEUE]:
        services.record_heartbeat(component="sandbox", ok=not problem, detail=detail)


def note_fault(fault: Exception) -> None:
    """Begin anew; where a GPU may be to blame, say at once that it is ill."""
    close_sandbox()
    if GPU_QUEUE in consumed() and isinstance(fault, SystemFault):
        record_life(str(fault))


def is_fit() -> bool:
    """Whether a GPU that was ill works again; no submission is spent to find out.

    What needs it goes on waiting, what can do without it is graded by others.
    """
    if GPU_QUEUE in consumed() and _shown.problem:
        record_life(try_sandboxes())
        return not _shown.problem
    return True


def consumed() -> list[str]:
    """The queues that this worker takes messages from."""
    return sorted(current_app.amqp.queues.consume_from)


def try_sandboxes() -> str:
    """What keeps a sandbox from running an empty job; nothing if all ran one."""
    try:
        return next(filter(None, map(try_sandbox, sandboxes())), "")
    except SystemFault as fault:
        logger.warning("the sandbox fails: %s", fault)
        close_sandbox()
        return str(fault)


def try_sandbox(tried: Sandbox | None) -> str:
    if tried is None:
        return ""
    with tried.runner(NOTHING) as runner:
        loaded = runner.load()
        answered = runner.run(call("nothing").inputs) if loaded.ok else loaded
    return "" if answered.ok else f"an empty job ended with {answered.failure}"


def sandboxes() -> tuple[Sandbox, Sandbox | None]:
    """What the pipeline grades in: without a GPU, and with one if there is one."""
    return sandbox(), gpu_sandbox()


def sandbox() -> Sandbox:
    """This process's sandbox, opened on first use.

    Raises:
        SandboxUnavailable: no isolation can be had here.
    """
    return _opened(settings.SANDBOX)


def gpu_sandbox() -> Sandbox | None:
    """The one with a GPU, if this worker has one."""
    url = settings.GPU_SANDBOX
    return _opened(url) if url and GPU_QUEUE in consumed() else None


def _opened(url: str) -> Sandbox:
    if url not in _open:
        _open[url] = open_sandbox(url)
    return _open[url]


def close_sandbox() -> None:
    while _open:
        _open.popitem()[1].close()


@signals.worker_init.connect
def refuse_shared_gpu(sender: Any, **_: Any) -> None:
    """A GPU is for one submission at a time; and a queue of it needs one.

    Raises:
        SystemExit: the worker would do otherwise.
    """
    if GPU_QUEUE not in consumed():
        return
    if not settings.GPU_SANDBOX:
        sys.exit(f"a worker of {GPU_QUEUE} needs a GPU: set GPU_SANDBOX=bwrap:?gpu=0")
    if sender.concurrency != 1:
        sys.exit(f"a worker of {GPU_QUEUE} has one child: --concurrency=1")


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
    _shown.problem = try_sandboxes()


@signals.worker_process_shutdown.connect
def _cool_down(**_: Any) -> None:
    close_sandbox()


@signals.worker_ready.connect
def _say_that_we_are_here(sender: Any, **_: Any) -> None:
    queues = sender.app.amqp.queues.consume_from
    heartbeat.apply_async(queue=next(iter(queues)), retry=False)


# At the end: they use what is defined above.
from graders import chores as chores  # noqa: E402
