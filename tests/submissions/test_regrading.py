"""A regrade shows first, writes only when told to, and writes once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from graders.verdicts import Verdict
from quizsite.courses.models import GradeEvent
from quizsite.submissions import regrade_decision, regrading, services
from quizsite.submissions.changes import Direction, summary
from quizsite.submissions.models import Regrading, Stage, Submission
from tests.factories import SubmissionFactory
from tests.submissions.regrades import graded, report

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("sent"),
]


class TestBegin:
    def test_every_graded_submission_of_the_exercise_is_taken(
        self, alice, bob, exercise
    ):
        taken = {graded(alice).pk, graded(bob).pk, graded(bob).pk}
        SubmissionFactory(user=bob)
        SubmissionFactory(user=bob, state="replaced")
        graded(bob, exercise="reg_dropout")
        regrade = regrading.begin(exercise=exercise)
        assert {item.submission_id for item in regrade.items.all()} == taken

    def test_only_those_of_one_version_if_asked(self, alice, exercise):
        old = graded(alice, exercise_digest="1" * 64)
        graded(alice, exercise_digest="2" * 64)
        regrade = regrading.begin(exercise=exercise, only_digest="1" * 64)
        assert [item.submission_id for item in regrade.items.all()] == [old.pk]

    def test_asking_twice_makes_one_job(self, alice, exercise, sent):
        graded(alice)
        first = regrading.begin(exercise=exercise)
        assert regrading.begin(exercise=exercise) == first
        assert len(sent.items) == 1

    def test_with_nothing_to_grade_it_is_ready_at_once(self, exercise):
        assert regrading.begin(exercise=exercise).stage == Stage.READY

    def test_it_changes_nothing_by_itself(self, ready, bob):
        assert Submission.objects.get(user=bob).score == 1.0
        assert GradeEvent.objects.count() == 3


class TestOneAtATime:
    def test_only_one_is_under_way(self, alice, exercise, sent):
        for _ in range(3):
            graded(alice)
        regrading.begin(exercise=exercise)
        regrading.sweep()
        assert len(sent.items) == 1
        assert sent.queues == ["default"]

    def test_it_lets_students_go_first(self, alice, bob, exercise, sent, broker):
        graded(alice)
        waiting = services.submit(
            user=bob, exercise=exercise, source="def attention(q, k, v): pass"
        )
        regrading.begin(exercise=exercise)
        assert sent.items == []
        claim = services.claim(submission_id=waiting.pk)
        services.record(claim=claim, report=report(Verdict.ACCEPTED, 1.0))
        assert len(sent.items) == 1

    def test_a_message_delivered_twice_claims_once(self, alice, exercise, sent):
        graded(alice)
        regrading.begin(exercise=exercise)
        assert regrading.claim(item_id=sent.items[0])
        assert regrading.claim(item_id=sent.items[0]) is None

    def test_the_seed_of_the_first_grading_is_used_again(self, alice, exercise, sent):
        graded(alice)
        regrading.begin(exercise=exercise)
        assert regrading.claim(item_id=sent.items[0]).seed == "5eed"

    def test_a_dead_worker_is_noticed(self, alice, exercise, sent):
        graded(alice)
        regrading.begin(exercise=exercise)
        regrading.claim(item_id=sent.items[0])
        long_ago = timezone.now() - timedelta(seconds=1)
        Regrading.objects.update(lease_until=long_ago)
        regrading.sweep()
        assert len(sent.items) == 2

    def test_a_lost_message_is_sent_again(self, alice, exercise, sent):
        graded(alice)
        regrading.begin(exercise=exercise)
        long_ago = timezone.now() - timedelta(minutes=2)
        Regrading.objects.update(sent_at=long_ago)
        regrading.sweep()
        assert len(sent.items) == 2

    def test_a_report_under_a_lost_lease_is_dropped(self, alice, exercise, sent):
        graded(alice)
        regrading.begin(exercise=exercise)
        late = regrading.claim(item_id=sent.items[0])
        regrading.give_back(claim=late, reason="slow")
        accepted = report(Verdict.ACCEPTED, 1.0)
        digest = exercise.digest
        assert not regrading.record(claim=late, report=accepted, exercise_digest=digest)

    def test_three_faults_leave_the_submission_as_it_was(self, alice, exercise, sent):
        submission = graded(alice)
        regrade = regrading.begin(exercise=exercise)
        for _ in range(3):
            claim = regrading.claim(item_id=sent.items[-1])
            regrading.give_back(claim=claim, reason="no sandbox")
        regrade.refresh_from_db()
        assert regrade.stage == Stage.READY
        (change,) = summary(regrade).changes
        assert (change.direction, change.why) == (Direction.FAILED, "no sandbox")
        assert regrade_decision.commit(regrade=regrade) == 0
        submission.refresh_from_db()
        assert submission.verdict == "wrong_answer"

    def test_a_worker_with_another_version_fails_it(self, alice, exercise, sent):
        graded(alice)
        regrade = regrading.begin(exercise=exercise)
        claim = regrading.claim(item_id=sent.items[-1])
        accepted = report(Verdict.ACCEPTED, 1.0)
        regrading.record(claim=claim, report=accepted, exercise_digest="other")
        assert summary(regrade).failed == 1


class TestSummary:
    def test_it_counts_who_gains_and_who_loses(self, ready):
        shown = summary(ready)
        assert (shown.up, shown.down, shown.same) == (1, 1, 1)
        assert (shown.total, shown.done) == (3, 3)

    def test_it_names_them_with_the_checks_that_differ(self, ready):
        up, down = summary(ready).changes
        assert (up.student, up.why) == ("Алиса", "values: ✗ → ✓")
        assert (down.student, down.direction) == ("Боб", Direction.DOWN)


class TestCommit:
    def test_it_writes_reports_and_grades(self, ready, alice, bob, exercise):
        assert regrade_decision.commit(regrade=ready) == 3
        of_alice = Submission.objects.get(user=alice)
        assert (of_alice.verdict, of_alice.score) == ("accepted", 1.0)
        assert of_alice.exercise_digest == exercise.digest
        assert Submission.objects.get(user=bob).score == 0.5
        current = GradeEvent.objects.current().values_list("user", "share")
        assert set(current) == {(alice.pk, 1.0), (bob.pk, 0.5), (ready_id(), 0.5)}

    def test_it_can_leave_out_whatever_lowers(self, ready, alice, bob):
        assert regrade_decision.commit(regrade=ready, never_lower=True) == 2
        assert Submission.objects.get(user=alice).score == 1.0
        of_bob = Submission.objects.get(user=bob)
        assert (of_bob.score, of_bob.verdict) == (1.0, "accepted")

    def test_a_second_click_writes_nothing_more(self, ready):
        regrade_decision.commit(regrade=ready)
        events = GradeEvent.objects.count()
        assert regrade_decision.commit(regrade=ready) == 0
        assert GradeEvent.objects.count() == events

    def test_what_changed_in_the_meantime_stays(self, ready, alice):
        Submission.objects.filter(user=alice).update(score=0.75, verdict="partial")
        assert regrade_decision.commit(regrade=ready) == 2
        assert Submission.objects.get(user=alice).score == 0.75

    def test_it_is_not_written_before_it_is_ready(self, alice, exercise):
        graded(alice)
        regrade = regrading.begin(exercise=exercise)
        assert regrade_decision.commit(regrade=regrade) == 0
        regrade.refresh_from_db()
        assert regrade.stage == Stage.GRADING

    def test_a_cancelled_one_can_neither_be_written_nor_graded(
        self, alice, exercise, sent
    ):
        graded(alice)
        regrade = regrading.begin(exercise=exercise)
        assert regrade_decision.cancel(regrade=regrade)
        assert regrading.claim(item_id=sent.items[0]) is None
        assert regrade_decision.commit(regrade=regrade) == 0
        assert regrading.begin(exercise=exercise) != regrade


def ready_id() -> int:
    return Submission.objects.get(user__username="charlie").user_id
