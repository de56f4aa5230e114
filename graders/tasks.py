"""The Celery edge: the only module that knows both the site and the grader.

The worker's parent imports torch once, with one thread, and forks children that share
it. Each child owns one sandbox, opened when the child starts, so that the first
submission finds it warm. A child that is killed takes its sandbox along (the zygote
dies with its parent); its submission comes back when the lease runs out.

A lease is not renewed. It is longer than any grading may take: the soft time limit
gives the submission back in order, the hard one kills the child, both before the lease
ends, so nobody ever grades under a lease that another may have taken.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

import torch
from celery import current_app, shared_task, signals
from django.conf import settings

from exercises.authoring import call
from exercises.spec import all_exercises, load_exercise
from graders import pipeline
from graders.errors import ExerciseBroken, SystemFault
from graders.reference import trusted
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Job, Sandbox
from quizsite.submissions import services
from quizsite.submissions.queue import CPU_QUEUE, GPU_QUEUE, GRADE_TASK

logger = logging.getLogger(__name__)
torch.set_num_threads(1)  # the grader's own: children are forked, cores are shared

SOFT_LIMIT = settings.LEASE_SECONDS - 10
HARD_LIMIT = settings.LEASE_SECONDS - 5
NOTHING = Job("def nothing():\n    return 0\n", probe=None, requires=("nothing",))

_open: list[Sandbox] = []  # this process's sandbox, if it has one


@shared_task(name=GRADE_TASK, soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def grade(submission_id: str) -> None:
    """Claim, grade, record; whoever gets no claim leaves at once."""
    claim = services.claim(submission_id=UUID(submission_id))
    if claim is None:
        return
    try:
        exercise = load_exercise(claim.exercise)
        report = pipeline.grade(claim.source, exercise, sandbox()).as_json()
    except Exception as fault:  # whatever it is, it is no student's doing
        logger.exception("grading %s failed", submission_id)
        close_sandbox()
        services.give_back(claim=claim, reason=repr(fault))
    else:
        services.record(claim=claim, report=report, exercise_digest=exercise.digest)


@shared_task(name="graders.tasks.sweep")
def sweep() -> None:
    services.sweep()


@shared_task(name="graders.tasks.heartbeat")
def heartbeat() -> None:
    """Show that messages arrive here and that a sandbox runs code."""
    queues = sorted(current_app.amqp.queues.consume_from)
    for queue, component in ((CPU_QUEUE, "worker"), (GPU_QUEUE, "gpu")):
        if queue in queues:
            services.record_heartbeat(
                component=component, ok=True, detail={"queues": queues}
            )
    problem = try_sandbox()
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
