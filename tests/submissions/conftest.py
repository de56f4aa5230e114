"""Exercises are read once; a broker that remembers what it was told."""

from __future__ import annotations

import pytest

from exercises.spec import Exercise, load_exercise
from quizsite.submissions import queue


@pytest.fixture
def exercise() -> Exercise:
    return load_exercise("tr_attention")


class Broker:
    """Stands in for Celery's ``send_task``: what was sent, and whether it works."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []  # submission's id, queue
        self.is_down = False

    def send_task(self, name: str, *, args: list[str], queue: str, retry: bool) -> None:
        if self.is_down:
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
