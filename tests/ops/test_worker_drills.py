"""Faults that end whole workers; see test_drills.

Each test has its own, for another beside it would take the messages.
"""

from __future__ import annotations

import os
import signal
from uuid import UUID

import pytest

from graders.verdicts import Verdict
from quizsite.courses.models import GradeEvent
from quizsite.submissions import services
from tests.ops import drills
from tests.ops.worker import Worker, running_worker

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("real_services"),
]


def test_sigkill_of_workers_during_a_burst():
    submissions = drills.burst()
    hit: set[UUID] = set()
    for number, kill in enumerate((only_the_parent, Worker.kill), start=1):
        with running_worker(2) as worker:
            drills.await_some(submissions, 4 * number)
            hit |= drills.in_flight()
            kill(worker)
            hit |= drills.in_flight()
        drills.leases_run_out()
    with running_worker(2):
        drills.await_all(submissions)
    drills.assert_fair(submissions, hit)


def only_the_parent(worker: Worker) -> None:
    """Its children may yet finish what they do."""
    os.kill(worker.pid, signal.SIGKILL)
    worker.process.wait()


def test_a_grading_that_outlasts_its_lease_is_our_fault_and_free():
    with running_worker(LEASE_SECONDS="6"):
        submission = drills.hand_in(drills.LENGTHY)
        drills.await_all([submission])
    submission.refresh_from_db()
    assert (submission.verdict, submission.tries) == (Verdict.SYSTEM_ERROR, 3)
    assert not GradeEvent.objects.exists()
    assert services.restart(submission=submission, exercise=drills.ATTENTION)
