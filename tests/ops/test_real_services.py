"""The grading flow on PostgreSQL and Redis, with a worker that is a real process."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from redis import Redis

from exercises.spec import load_exercise
from graders.verdicts import Blame, Verdict
from quizsite.lib.health import problems
from quizsite.submissions.models import OutboxMessage, State, Submission
from quizsite.submissions.services import submit, sweep
from tests.ops.worker import await_line, running_worker

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

SLUG = "tr_attention"
FOLDER = Path(settings.BASE_DIR, "exercises", SLUG)
GRADED = "Task graders.tasks.grade"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ENDLESS = """
def attention(q, k, v, mask=None, causal=False):
    while True:
        pass
"""


@pytest.fixture(autouse=True)
def _on_real_services() -> None:
    assert connection.vendor == "postgresql", "run these by `make test-services`"
    assert settings.CELERY_BROKER_URL.startswith("redis:")
    # Messages on submissions of earlier tests would "succeed" at once.
    Redis.from_url(settings.CELERY_BROKER_URL).flushdb()


def hand_in(user, path: Path) -> Submission:
    return submit(user=user, exercise=load_exercise(SLUG), source=path.read_bytes())


def test_a_right_and_a_wrong_solution_get_their_verdicts(alice) -> None:
    with running_worker() as worker:
        right = hand_in(alice, FOLDER / "reference.py")
        await_line(worker, f"{GRADED}[", "succeeded")
        wrong = hand_in(alice, FOLDER / "solutions" / "wrong" / "no_scale.py")
        await_line(worker, f"{GRADED}[", "succeeded")
    right.refresh_from_db()
    wrong.refresh_from_db()
    assert (right.state, right.verdict) == (State.DONE, Verdict.ACCEPTED)
    assert (right.score, right.blame) == (1.0, Blame.NONE)
    assert (wrong.state, wrong.mistake) == (State.DONE, "no_scale")
    assert wrong.blame == Blame.STUDENT


def test_what_was_sent_before_the_worker_started_is_graded(alice) -> None:
    submission = hand_in(alice, FOLDER / "reference.py")
    with running_worker() as worker:
        await_line(worker, f"{GRADED}[", "succeeded")
    submission.refresh_from_db()
    assert submission.verdict == Verdict.ACCEPTED


def test_a_submission_survives_its_workers_death(alice) -> None:
    submission = submit(user=alice, exercise=load_exercise(SLUG), source=ENDLESS)
    with running_worker() as worker:
        await_line(worker, f"{GRADED}[", "received")
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    # Whatever the worker had come to: its lease runs out, its message is long gone.
    Submission.objects.filter(state=State.RUNNING).update(lease_until=LONG_AGO)
    OutboxMessage.objects.update(sent_at=LONG_AGO, created_at=LONG_AGO)
    sweep()
    with running_worker() as worker:
        await_line(worker, f"{GRADED}[", "succeeded")
    submission.refresh_from_db()
    assert submission.verdict == Verdict.TIME_LIMIT


def test_the_health_page_sees_the_worker_and_its_sandbox(client: Client) -> None:
    assert set(problems()) == {"worker", "sandbox"}
    with running_worker() as worker:
        await_line(worker, "graders.tasks.heartbeat[", "succeeded")
        assert client.get("/healthz/").status_code == 200
