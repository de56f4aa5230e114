"""The grading flow on PostgreSQL and a real broker, with a worker of its own process.

`make test-services` runs these on Redis and again on RabbitMQ.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from exercises.spec import load_exercise
from graders.verdicts import Blame, Verdict
from quizsite.lib.health import problems
from quizsite.submissions.models import OutboxMessage, State, Submission
from quizsite.submissions.services import submit, sweep
from tests.ops.drills import LONG_AGO, await_state
from tests.ops.worker import running_worker

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("real_services"),
]

ENDLESS = "def attention(*args, **options):\n    while True:\n        pass\n"
SLUG = "tr_attention"
FOLDER = Path(settings.BASE_DIR, "exercises", SLUG)


def hand_in(user, path: Path) -> Submission:
    return submit(user=user, exercise=load_exercise(SLUG), source=path.read_bytes())


def test_a_right_and_a_wrong_solution_get_their_verdicts(alice) -> None:
    with running_worker():
        right = hand_in(alice, FOLDER / "reference.py")
        await_state(State.DONE, right)
        wrong = hand_in(alice, FOLDER / "solutions" / "wrong" / "no_scale.py")
        await_state(State.DONE, wrong)
    assert (right.state, right.verdict) == (State.DONE, Verdict.ACCEPTED)
    assert (right.score, right.blame) == (1.0, Blame.NONE)
    assert (wrong.state, wrong.mistake) == (State.DONE, "no_scale")
    assert wrong.blame == Blame.STUDENT


def test_what_was_sent_before_the_worker_started_is_graded(alice) -> None:
    submission = hand_in(alice, FOLDER / "reference.py")
    with running_worker():
        await_state(State.DONE, submission)
    assert submission.verdict == Verdict.ACCEPTED


def test_a_submission_survives_its_workers_death(alice) -> None:
    submission = submit(user=alice, exercise=load_exercise(SLUG), source=ENDLESS)
    with running_worker() as worker:
        await_state(State.RUNNING, submission)
        worker.kill()
    # Its lease runs out, its message is long gone.
    Submission.objects.filter(state=State.RUNNING).update(lease_until=LONG_AGO)
    OutboxMessage.objects.update(sent_at=LONG_AGO, created_at=LONG_AGO)
    sweep()
    with running_worker():
        await_state(State.DONE, submission)
    assert submission.verdict == Verdict.TIME_LIMIT


def test_the_health_page_sees_the_worker_and_its_sandbox(client: Client) -> None:
    assert set(problems()) == {"worker", "sandbox"}
    with running_worker() as worker:
        worker.await_line("graders.tasks.heartbeat[", "succeeded")
        assert client.get("/healthz/").status_code == 200
