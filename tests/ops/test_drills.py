"""Faults in the middle of grading: nothing lost, graded twice or charged for.

Whatever dies is a real process: the worker, its child, the sandbox, the broker, the
database. Time does not pass by waiting, but by making rows old and sweeping.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import DatabaseError, connection

from quizsite.submissions import queue
from quizsite.submissions.models import OutboxMessage, State
from tests.ops import drills
from tests.ops.drills import CONTAINER, SLOW, ZYGOTE
from tests.ops.worker import Worker, children, descendants, running_worker, until

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("real_services"),
]


@pytest.fixture(scope="module")
def worker(django_db_setup) -> Iterator[Worker]:
    """One with two children for all drills here; see test_worker_drills."""
    with running_worker(2) as process:
        yield process


def test_sigkill_of_a_child_during_a_burst(worker):
    submissions = drills.burst()
    drills.await_some(submissions)
    hit = drills.in_flight()
    for pid in children(worker.pid):
        os.kill(pid, signal.SIGKILL)
    hit |= drills.in_flight()
    drills.await_all(submissions)
    drills.assert_fair(submissions, hit)


def test_what_a_killed_child_graded_comes_back_without_a_sweep(worker):
    submission = drills.hand_in(SLOW)
    os.kill(drills.await_busy_child(worker), signal.SIGKILL)
    drills.await_state(State.DONE, submission)
    assert submission.tries == 2
    drills.assert_fair([submission])


@pytest.mark.parametrize("part", [CONTAINER, ZYGOTE])
def test_sigkill_inside_the_sandbox_while_a_submission_runs(worker, part):
    submission = drills.hand_in(SLOW)
    child = drills.await_busy_child(worker)
    os.kill(descendants(child)[part], signal.SIGKILL)
    drills.await_state(State.DONE, submission)
    assert submission.tries == 2
    drills.assert_fair([submission])


def test_ten_deliveries_of_each_message(worker):
    submissions = drills.burst()
    for one in submissions * 10:
        current_app.send_task(queue.GRADE_TASK, [str(one.pk)], queue=queue.CPU_QUEUE)
    drills.await_all(submissions)
    assert {one.tries for one in drills.done(submissions)} == {1}
    drills.assert_fair(submissions, {one.pk for one in submissions})


def test_a_report_that_comes_after_the_lease_was_taken_back(worker):
    submission = drills.hand_in(SLOW)
    drills.await_busy_child(worker)
    os.killpg(worker.pid, signal.SIGSTOP)  # its machine has gone to sleep
    try:
        drills.leases_run_out()
        with running_worker():
            drills.await_all([submission])
    finally:
        os.killpg(worker.pid, signal.SIGCONT)
    submission.refresh_from_db()
    report = submission.report
    until(lambda: worker.has_said(str(submission.pk), "the lease is lost"), "no report")
    submission.refresh_from_db()
    assert submission.report == report
    drills.assert_fair([submission])


def test_sigkill_of_the_database_during_a_burst(worker):
    submissions = drills.burst()
    drills.await_some(submissions)
    hit = drills.in_flight()
    drills.kill_service("postgres")
    until(is_database_back, "the database did not come back")
    hit |= drills.in_flight()
    drills.leases_run_out()
    drills.await_all(submissions)
    drills.assert_fair(submissions, hit)


def is_database_back() -> bool:
    connection.close()  # the old one may answer for a moment yet
    try:
        return OutboxMessage.objects.count() >= 0
    except DatabaseError:
        return False
