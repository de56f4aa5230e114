"""The life of a submission: every change of state happens once, whoever asks."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import cycle

import pytest
from django.utils import timezone

from exercises.spec import all_exercises
from graders.intake import IntakeError
from graders.report import CheckResult, RecognisedMistake, Report
from graders.verdicts import Verdict
from quizsite.courses.models import GradeEvent
from quizsite.submissions import services
from quizsite.submissions.models import OutboxMessage, State, Submission

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return q\n"


@pytest.fixture(autouse=True)
def _broker(broker):
    return broker


@pytest.fixture
def submit(alice, exercise):
    def make(user=alice, source=SOURCE, exercise=exercise, **more) -> Submission:
        return services.submit(user=user, exercise=exercise, source=source, **more)

    return make


def report(verdict=Verdict.ACCEPTED, score=1.0, **more) -> dict:
    made = Report("tr_attention", verdict, score, (), seed="00ff", **more)
    return made.as_json()


def let_lease_expire(submission: Submission) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Submission.objects.filter(pk=submission.pk).update(lease_until=past)


def message_of(submission: Submission) -> OutboxMessage:
    return OutboxMessage.objects.get(submission=submission)


def make_message_old(submission: Submission, **age) -> None:
    sent = timezone.now() - timedelta(**age)
    created = sent - timedelta(seconds=1)
    OutboxMessage.objects.filter(submission=submission).update(
        sent_at=sent, created_at=created
    )


class TestSubmit:
    def test_it_is_stored_and_sent_after_the_commit(self, submit, broker):
        submission = submit()
        assert submission.state == State.QUEUED
        assert broker.sent == [(str(submission.pk), "grading.cpu")]
        assert message_of(submission).sent_at is not None

    def test_the_same_key_gives_the_same_submission(self, submit, broker):
        first = submit(idempotency_key="k")
        assert submit(idempotency_key="k") == first
        assert broker.ids() == [str(first.pk)]

    def test_two_people_may_use_the_same_key(self, submit, bob):
        assert submit(idempotency_key="k") != submit(user=bob, idempotency_key="k")

    def test_a_double_click_that_meets_in_the_database_makes_one(
        self, submit, monkeypatch
    ):
        first = submit(idempotency_key="k")
        looked = []

        def late(user, key):
            looked.append(key)
            return None if len(looked) == 1 else first

        monkeypatch.setattr(services, "_with_key", late)
        assert submit(idempotency_key="k") == first
        assert Submission.objects.count() == 1

    def test_unreadable_code_leaves_nothing_behind(self, submit, broker):
        with pytest.raises(IntakeError):
            submit(source=b"\xff\xfe\x00")
        assert not Submission.objects.exists()
        assert not broker.sent

    def test_a_broker_that_is_down_leaves_it_waiting(self, submit, broker):
        broker.is_down = True
        submission = submit()
        assert submission.state == State.QUEUED
        assert message_of(submission).sent_at is None


class TestReplacing:
    def test_a_newer_one_takes_the_place_of_one_that_waits(self, submit):
        older, newer = submit(), submit()
        older.refresh_from_db()
        assert (older.state, older.replaced_by) == (State.REPLACED, newer)
        assert older.finished_at and older.verdict == ""
        assert [m.submission for m in OutboxMessage.objects.all()] == [newer]

    def test_a_replaced_one_is_not_graded_by_the_message_already_sent(
        self, submit, broker
    ):
        older = submit()
        submit()
        assert str(older.pk) in broker.ids()
        assert services.claim(submission_id=older.pk) is None

    def test_one_that_is_being_graded_is_left_alone(self, submit):
        older = submit()
        claim = services.claim(submission_id=older.pk)
        submit()
        assert services.record(claim=claim, report=report())
        older.refresh_from_db()
        assert older.verdict == "accepted"

    def test_another_exercise_and_another_student_are_left_alone(self, submit, bob):
        kept = [submit(user=bob), submit(exercise=all_exercises()[0])]
        submit()
        for one in kept:
            one.refresh_from_db()
            assert one.state == State.QUEUED

    def test_it_costs_nothing_and_frees_the_place(self, submit, broker):
        for _ in range(4):
            last = submit()
        assert broker.ids()[-1] == str(last.pk)
        assert not GradeEvent.objects.exists()

    def test_a_replaced_one_is_neither_swept_nor_restarted(
        self, submit, exercise, broker
    ):
        older = submit()
        submit()
        services.sweep()
        assert not services.restart(submission=older, exercise=exercise)
        assert len(broker.sent) == 2


class TestPlacesInFlight:
    @pytest.fixture
    def submit(self, submit):
        """Each time for another exercise: those for one replace each other."""
        others = cycle(all_exercises())
        return lambda **more: submit(exercise=next(others), **more)

    def test_only_two_are_sent_and_the_rest_wait(self, submit, broker):
        made = [submit() for _ in range(4)]
        assert broker.ids() == [str(one.pk) for one in made[:2]]

    def test_one_student_delays_no_other(self, submit, bob, broker):
        for _ in range(4):
            submit()
        of_bob = submit(user=bob)
        assert str(of_bob.pk) in broker.ids()

    def test_the_oldest_waiting_is_sent_when_one_is_done(self, submit, broker):
        made = [submit() for _ in range(4)]
        claim = services.claim(submission_id=made[1].pk)
        services.record(claim=claim, report=report())
        assert broker.ids()[2:] == [str(made[2].pk)]

    def test_the_sweep_sends_what_waited_for_the_broker(self, submit, broker):
        broker.is_down = True
        made = [submit() for _ in range(3)]
        broker.is_down = False
        services.sweep()
        assert broker.ids() == [str(one.pk) for one in made[:2]]

    def test_a_running_one_whose_message_was_withdrawn_keeps_its_place(
        self, submit, broker
    ):
        made = [submit() for _ in range(3)]
        services.claim(submission_id=made[0].pk)
        OutboxMessage.objects.filter(submission=made[0]).update(sent_at=None)
        services.sweep()
        assert broker.ids() == [str(one.pk) for one in made[:2]]


class TestClaim:
    def test_it_gives_a_lease_and_counts_the_try(self, submit):
        claim = services.claim(submission_id=submit().pk)
        submission = Submission.objects.get()
        assert submission.state == State.RUNNING
        assert (submission.lease, submission.tries) == (claim.lease, 1)
        assert submission.lease_until > timezone.now()
        assert claim.source == SOURCE

    def test_a_second_delivery_gets_nothing(self, submit):
        submission = submit()
        assert services.claim(submission_id=submission.pk)
        assert services.claim(submission_id=submission.pk) is None

    def test_a_finished_submission_cannot_be_claimed(self, submit):
        submission = submit()
        services.record(
            claim=services.claim(submission_id=submission.pk), report=report()
        )
        assert services.claim(submission_id=submission.pk) is None

    def test_an_unknown_submission_cannot_be_claimed(self, alice):
        unknown = "00000000-0000-0000-0000-000000000000"
        assert services.claim(submission_id=unknown) is None


class TestRecord:
    def test_it_finishes_the_submission(self, submit):
        claim = services.claim(submission_id=submit().pk)
        mistake = RecognisedMistake("no_scale", "Похоже, …")
        partial = report(Verdict.PARTIAL, 0.5, mistake=mistake)
        assert services.record(claim=claim, report=partial, exercise_digest="new")
        submission = Submission.objects.get()
        assert submission.is_done and submission.finished_at
        assert (submission.verdict, submission.score) == ("partial", 0.5)
        assert submission.mistake == "no_scale"
        assert submission.exercise_digest == "new"
        assert submission.lease is None
        assert not OutboxMessage.objects.exists()

    def test_the_grade_is_written_down(self, submit, alice):
        claim = services.claim(submission_id=submit().pk)
        services.record(claim=claim, report=report(Verdict.PARTIAL, 0.5))
        assert GradeEvent.objects.get().share == 0.5

    def test_a_late_report_under_a_lost_lease_is_dropped(self, submit):
        submission = submit()
        late = services.claim(submission_id=submission.pk)
        let_lease_expire(submission)
        services.sweep()
        again = services.claim(submission_id=submission.pk)
        assert not services.record(claim=late, report=report())
        assert services.record(claim=again, report=report(Verdict.WRONG_ANSWER, 0.0))
        assert Submission.objects.get().verdict == "wrong_answer"
        assert GradeEvent.objects.count() == 1

    def test_a_report_is_recorded_once(self, submit):
        claim = services.claim(submission_id=submit().pk)
        assert services.record(claim=claim, report=report())
        assert not services.record(claim=claim, report=report(Verdict.PARTIAL, 0.1))
        assert Submission.objects.get().verdict == "accepted"

    def test_numbers_and_characters_that_json_lacks_are_stored(self, submit):
        claim = services.claim(submission_id=submit().pk)
        details = {"worst": {"actual": math.nan, "error": math.inf}}
        check = CheckResult(
            "values", "", True, False, 0, 1, "\x00\ud800", details, stdout="a\x00b"
        )
        made = Report("tr_attention", Verdict.WRONG_ANSWER, 0.0, (check,), seed="")
        assert services.record(claim=claim, report=made.as_json())
        stored = Submission.objects.get().report["checks"][0]
        assert stored["details"]["worst"] == {"actual": "nan", "error": "inf"}
        assert stored["stdout"] == "a\ufffdb"
        assert stored["message"] == "\ufffd\ufffd"


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
