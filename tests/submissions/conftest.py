"""Exercises are read once; a broker that remembers what it was told."""

from __future__ import annotations

import pytest

from exercises.spec import Exercise, load_exercise
from graders.verdicts import Verdict
from quizsite.submissions import queue, regrading, services
from quizsite.submissions.models import Regrade, Submission
from tests.submissions.regrades import Sent, grade_next, graded
from tests.submissions.rows import SOURCE


@pytest.fixture
def exercise() -> Exercise:
    return load_exercise("tr_attention")


class Broker:
    """Stands in for Celery's ``send_task``: what was sent, and whether it works."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []  # submission's id, queue
        self.is_down = False
        self.refusals = 0

    def send_task(self, name: str, *, args: list[str], queue: str, retry: bool) -> None:
        if self.is_down:
            self.refusals += 1
            raise ConnectionError("the broker is down")
        assert name == "graders.tasks.grade" and retry is False
        self.sent.append((args[0], queue))

    def ids(self) -> list[str]:
        return [submission for submission, _queue in self.sent]


@pytest.fixture
def broker(monkeypatch) -> Broker:
    made = Broker()
    monkeypatch.setattr(queue, "current_app", made)
    return made


@pytest.fixture
def sent(broker, monkeypatch) -> Sent:
    made = Sent()
    monkeypatch.setattr(regrading, "current_app", made)
    return made


@pytest.fixture
def ready(alice, bob, charlie, exercise, sent) -> Regrade:
    """Alice gains, Bob loses, Charlie stays."""
    graded(alice)
    graded(bob, "accepted", 1.0)
    graded(charlie, "partial", 0.5)
    regrade = regrading.begin(exercise=exercise)
    grade_next(sent, exercise)
    grade_next(sent, exercise, Verdict.PARTIAL, 0.5)
    grade_next(sent, exercise, Verdict.PARTIAL, 0.5)
    regrade.refresh_from_db()
    return regrade


@pytest.fixture
def submit(alice, exercise):
    def make(user=alice, source=SOURCE, exercise=exercise, **more) -> Submission:
        return services.submit(user=user, exercise=exercise, source=source, **more)

    return make
