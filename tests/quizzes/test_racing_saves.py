"""Saves and finishes that meet in PostgreSQL, where they do run at once.

Whoever comes first, the same must hold; so each race is run a few times.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connection

from quizsite.quizzes.models import Attempt, Response, ResponseRevision
from quizsite.quizzes.services import (
    AttemptFinished,
    Outcome,
    Saved,
    finish_attempt,
    finishing,
    save_answer,
)
from tests.quizzes.conftest import response

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")
ROUNDS = 5
PATIENCE = 60  # seconds, for a deadlock to fail the test instead of hanging it


@pytest.fixture(autouse=True)
def postgres(transactional_db):
    assert connection.vendor == "postgresql"  # SQLite lets one write at a time


def at_once(*calls: Callable[[], T]) -> list[T]:
    start = Barrier(len(calls), timeout=PATIENCE)

    def run(call: Callable[[], T]) -> T:
        try:
            connection.ensure_connection()
            start.wait()
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        racing = [pool.submit(run, call) for call in calls]
        return [one.result(PATIENCE) for one in racing]


def read(attempt: Attempt) -> Response:
    """As another request reads it: with an attempt of its own."""
    return response(Attempt.objects.get(pk=attempt.pk), 1)


def saving(attempt: Attempt, raw: str) -> Callable[[], Saved | None]:
    opened = read(attempt)

    def save() -> Saved | None:
        try:
            return save_answer(response=opened, raw=raw, base=opened.revision)
        except AttemptFinished:
            return None

    return save


def ending(attempt: Attempt) -> Callable[[], None]:
    mine = Attempt.objects.get(pk=attempt.pk)
    return lambda: finish_attempt(attempt=mine)


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_of_two_tabs_that_save_at_once_neither_answer_is_lost(started, _round):
    attempt = started()
    tabs = at_once(saving(attempt, "1"), saving(attempt, "2"))
    outcomes = [one.outcome for one in tabs if one is not None]
    assert len(outcomes) == 2
    assert outcomes.count(Outcome.STORED) == 1
    kept = ResponseRevision.objects.filter(response=read(attempt))
    assert {one.answer for one in kept} == {"1", "2"}
    last_typed = max(kept, key=lambda one: one.typed_at)
    assert read(attempt).answer == last_typed.answer


@pytest.mark.parametrize("_round", range(ROUNDS))
def test_a_save_that_meets_the_finish_is_marked_or_refused(
    started, monkeypatch, _round
):
    graded = []
    monkeypatch.setattr(
        finishing, "record_attempt_grade", lambda *, attempt: graded.append(attempt.pk)
    )
    attempt = started()
    key = str(read(attempt).variant.key)
    saving(attempt, "1000")()
    saved, *_ = at_once(saving(attempt, key), ending(attempt), ending(attempt))
    stored = read(attempt)
    assert graded == [attempt.pk]
    assert (stored.answer, stored.mark) == ((key, 1) if saved else ("1000", 0))
