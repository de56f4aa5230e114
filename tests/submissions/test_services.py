"""The life of a submission: every change of state happens once, whoever asks."""

from __future__ import annotations

import math
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
from tests.submissions.rows import (
    SOURCE,
    let_lease_expire,
    message_of,
    report,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _broker(broker):
    return broker


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
