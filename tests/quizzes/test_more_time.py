"""Time granted, cut or lifted while an attempt runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quizsite.courses.terms import grant, save_terms
from quizsite.quizzes.rules import GRACE
from quizsite.quizzes.services import finish_overdue
from tests.quizzes.conftest import url

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def test_time_granted_reaches_the_running_attempt(
    clock, assigned, started, alice, bob, as_bob
):
    assignment = assigned(time_limit=30)
    attempt = started(assignment)
    clock.forward(minutes=20)
    grant(assignment=assignment, user=bob, by=alice, terms={"time_factor": 1.5})
    assert as_bob.get(url("clock", attempt)).json()["left"] == 25 * 60
    clock.forward(minutes=24)
    assert as_bob.post(url("answer", attempt, 1), {"q1": "5"}).json()["left"] == 60


def test_extra_time_moves_a_closing_that_would_eat_it(
    clock, assigned, started, alice, bob
):
    closes = clock.now + timedelta(minutes=30)
    assignment = assigned(time_limit=30, closes_at=closes)
    grant(assignment=assignment, user=bob, by=alice, terms={"extra_minutes": 15})
    assert started(assignment).deadline == closes + timedelta(minutes=15)


def test_a_shorter_limit_takes_no_time_from_who_has_begun(clock, assigned, started):
    assignment = assigned(time_limit=30)
    attempt = started(assignment)
    assignment.time_limit = 5
    save_terms(assignment=assignment)
    attempt.refresh_from_db()
    assert attempt.deadline == clock.now + timedelta(minutes=30)


def test_a_limit_that_comes_later_gives_notice(clock, assigned, started):
    assignment = assigned()
    attempt = started(assignment)
    clock.forward(hours=2)
    assignment.time_limit = 30
    save_terms(assignment=assignment)
    attempt.refresh_from_db()
    assert attempt.deadline == clock.now + timedelta(minutes=10)


def test_a_limit_that_is_lifted_is_lifted_for_all(clock, assigned, started):
    assignment = assigned(time_limit=30)
    attempt = started(assignment)
    assignment.time_limit = None
    save_terms(assignment=assignment)
    attempt.refresh_from_db()
    assert attempt.deadline is None


def test_a_new_closing_reaches_those_who_have_no_limit(clock, assigned, started):
    assignment = assigned()
    attempt = started(assignment)
    assignment.closes_at = clock.now + timedelta(hours=1)
    save_terms(assignment=assignment)
    clock.forward(hours=1)
    clock.forward(seconds=(GRACE + SECOND).total_seconds())
    assert finish_overdue() == 1
    attempt.refresh_from_db()
    assert attempt.finished_at == assignment.closes_at
