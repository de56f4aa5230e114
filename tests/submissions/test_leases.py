"""Faults of ours: a lost worker, message or clock costs no student anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from graders.verdicts import Verdict
from quizsite.courses.models import GradeEvent
from quizsite.submissions import services
from quizsite.submissions.models import OutboxMessage, State, Submission
from tests.submissions.rows import (
    let_lease_expire,
    make_message_old,
    message_of,
    report,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _broker(broker):
    return broker


class TestFaultsOfOurs:
    def test_the_first_fault_sends_it_again_at_once(self, submit, broker):
        submission = submit()
        claim = services.claim(submission_id=submission.pk)
        services.give_back(claim=claim, reason="the zygote died")
        submission.refresh_from_db()
        assert submission.state == State.QUEUED
        assert broker.ids() == [str(submission.pk)] * 2

    def test_the_second_waits_for_the_sweep(self, submit, broker):
        submission = submit()
        for _ in range(2):
            claim = services.claim(submission_id=submission.pk)
            services.give_back(claim=claim, reason="again")
        assert len(broker.sent) == 2
        services.sweep()
        assert len(broker.sent) == 3

    def test_after_three_tries_it_is_a_system_error_that_costs_nothing(self, submit):
        submission = submit()
        for _ in range(3):
            claim = services.claim(submission_id=submission.pk)
            services.give_back(claim=claim, reason="again")
        submission.refresh_from_db()
        assert submission.is_done and submission.verdict == "system_error"
        assert submission.report["blame"] == "system"
        assert not GradeEvent.objects.exists()
        assert services.claim(submission_id=submission.pk) is None

    def test_giving_back_under_a_lost_lease_changes_nothing(self, submit, broker):
        submission = submit()
        late = services.claim(submission_id=submission.pk)
        let_lease_expire(submission)
        services.sweep()
        services.claim(submission_id=submission.pk)
        services.give_back(claim=late, reason="late")
        submission.refresh_from_db()
        assert submission.state == State.RUNNING
        assert message_of(submission).sent_at is not None

    def test_a_system_error_can_be_restarted(self, submit, exercise, broker):
        submission = submit()
        for _ in range(3):
            claim = services.claim(submission_id=submission.pk)
            services.give_back(claim=claim, reason="again")
        assert services.restart(submission=submission, exercise=exercise)
        submission.refresh_from_db()
        assert (submission.state, submission.tries) == (State.QUEUED, 0)
        assert submission.report is None and submission.verdict == ""
        claim = services.claim(submission_id=submission.pk)
        assert services.record(claim=claim, report=report())

    def test_a_students_own_failure_cannot_be_restarted(self, submit, exercise):
        submission = submit()
        claim = services.claim(submission_id=submission.pk)
        services.record(claim=claim, report=report(Verdict.WRONG_ANSWER, 0.0))
        assert not services.restart(submission=submission, exercise=exercise)
        submission.refresh_from_db()
        assert submission.verdict == "wrong_answer"


class TestSweep:
    def test_an_expired_lease_is_taken_back(self, submit, broker):
        submission = submit()
        services.claim(submission_id=submission.pk)
        let_lease_expire(submission)
        services.sweep()
        submission.refresh_from_db()
        assert submission.state == State.QUEUED
        assert len(broker.sent) == 2

    def test_a_living_lease_is_left_alone(self, submit, broker):
        submission = submit()
        services.claim(submission_id=submission.pk)
        services.sweep()
        submission.refresh_from_db()
        assert submission.state == State.RUNNING
        assert len(broker.sent) == 1

    def test_three_dead_workers_make_a_system_error(self, submit):
        submission = submit()
        for _ in range(3):
            assert services.claim(submission_id=submission.pk)
            let_lease_expire(submission)
            services.sweep()
            services.sweep()
        submission.refresh_from_db()
        assert submission.verdict == "system_error"

    def test_a_lost_message_is_sent_again(self, submit, broker):
        submission = submit()
        make_message_old(submission, seconds=31)
        services.sweep()
        assert broker.ids() == [str(submission.pk)] * 2

    def test_a_fresh_message_is_not_repeated(self, submit, broker):
        submit()
        services.sweep()
        services.sweep()
        assert len(broker.sent) == 1

    def test_sweeping_twice_is_the_same_as_once(self, submit, broker):
        submission = submit()
        make_message_old(submission, seconds=31)
        services.sweep()
        services.sweep()
        assert len(broker.sent) == 2

    def test_the_longer_it_waits_the_rarer_it_is_sent_again(self, submit, broker):
        submission = submit()
        now = timezone.now()
        OutboxMessage.objects.filter(submission=submission).update(
            created_at=now - timedelta(minutes=5), sent_at=now - timedelta(minutes=2)
        )
        services.sweep()
        assert len(broker.sent) == 1
        OutboxMessage.objects.filter(submission=submission).update(
            created_at=now - timedelta(days=1), sent_at=now - timedelta(minutes=11)
        )
        services.sweep()
        assert len(broker.sent) == 2

    def test_what_is_claimed_is_not_sent_again(self, submit, broker):
        submission = submit()
        services.claim(submission_id=submission.pk)
        make_message_old(submission, hours=1)
        services.sweep()
        assert len(broker.sent) == 1

    def test_a_broker_that_is_down_is_asked_once_of_each_kind(
        self, submit, bob, charlie, broker
    ):
        lost = submit()
        make_message_old(lost, seconds=31)
        make_message_old(submit(replaces=False), seconds=31)
        broker.is_down = True
        for user in (bob, charlie):
            submit(user=user)
        before = broker.refusals
        services.sweep()
        assert broker.refusals == before + 2
        broker.is_down = False
        services.sweep()
        assert not OutboxMessage.objects.waiting().exists()

    def test_of_those_sent_together_the_older_is_sent_again_first(self, submit, broker):
        younger, older = submit(), submit(replaces=False)
        make_message_old(younger, hours=1)
        sent = message_of(younger).sent_at
        long_ago = sent - timedelta(minutes=1)
        OutboxMessage.objects.filter(submission=older).update(
            sent_at=sent, created_at=long_ago
        )
        services.sweep()
        assert broker.ids()[2:] == [str(older.pk), str(younger.pk)]


@pytest.mark.parametrize("hours", [-1, 1])
class TestClocks:
    """Of this machine; the database's goes right."""

    @pytest.fixture
    def jump(self, monkeypatch, hours):
        def make(by: int = hours) -> None:
            moved = datetime.now(UTC) + timedelta(hours=by)
            monkeypatch.setattr(timezone, "now", lambda: moved)

        return make

    def test_a_lease_lasts_whatever_the_workers_clock_says(self, submit, jump):
        submission = submit()
        jump()
        services.claim(submission_id=submission.pk)
        jump(by=0)
        services.sweep()
        submission.refresh_from_db()
        assert (submission.state, submission.tries) == (State.RUNNING, 1)

    def test_the_sweep_takes_back_no_living_lease(self, submit, jump):
        submission = submit()
        services.claim(submission_id=submission.pk)
        jump()
        services.sweep()
        submission.refresh_from_db()
        assert (submission.state, submission.tries) == (State.RUNNING, 1)

    def test_a_lost_message_is_sent_again_after_a_jump(self, submit, broker, jump):
        submit()
        jump()
        services.sweep()
        assert len(broker.sent) == 2


def test_a_lease_from_before_the_clock_was_set_back_ends(submit):
    submission = submit()
    services.claim(submission_id=submission.pk)
    later = timezone.now() + timedelta(hours=1)
    Submission.objects.filter(pk=submission.pk).update(lease_until=later)
    services.sweep()
    submission.refresh_from_db()
    assert submission.state == State.QUEUED
