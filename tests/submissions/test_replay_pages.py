"""Pages of replays: how they come to be, and who may have them."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from graders import chores
from graders.errors import ExerciseBroken
from graders.reference import trusted
from quizsite.courses.models import Role
from quizsite.submissions import bundles, services
from quizsite.submissions.models import Bundle, Submission
from tests.conftest import signed_in
from tests.factories import (
    AssignmentFactory,
    CourseFactory,
    UserFactory,
    enrol,
)
from tests.submissions.replays import (
    EXERCISE,
    HIDDEN,
    SEED,
    SOURCE,
    Sent,
    checks,
    grade,
    ordered,
    page_of,
    run_once,
    unpacked,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch) -> Sent:
    made = Sent()
    monkeypatch.setattr(bundles, "current_app", made)
    monkeypatch.setattr(bundles.transaction, "on_commit", lambda call, robust: call())
    return made


@pytest.fixture
def submission(bob) -> Submission:
    return run_once(bob)


class TestReplay:
    def test_the_page_of_a_submission_leads_there(self, as_bob, submission):
        page = as_bob.get(submission.get_absolute_url()).content.decode()
        assert page_of(submission) in page

    def test_it_is_made_on_demand_and_taken(self, as_bob, submission, sent):
        assert "Собрать архив" in as_bob.get(page_of(submission)).content.decode()
        assert not sent.ids
        response = as_bob.post(page_of(submission), follow=True)
        assert "Архив готовится" in response.content.decode()
        assert 'http-equiv="refresh"' in response.content.decode()
        grade(sent)
        fragment = as_bob.get(page_of(submission), headers={"HX-Request": "true"})
        assert "Скачать архив" in fragment.content.decode()
        assert "<html" not in fragment.content.decode()

    def test_the_owner_gets_the_public_checks_only(self, as_bob, submission, sent):
        files = ordered(as_bob, submission, sent)
        assert checks(files) == {c.name for c in EXERCISE.checks if c.public}
        assert files["solution.py"].decode() == SOURCE
        assert {"replay.py", "comparing.py", "probe.py", "README.md"} <= set(files)

    def test_neither_seed_nor_staffs_notes_are_in_it(self, as_bob, submission, sent):
        files = ordered(as_bob, submission, sent)
        for content in files.values():
            assert SEED.encode() not in content
            assert "тайна".encode() not in content
        assert json.loads(files["report.json"])["verdict"] == "wrong_answer"

    def test_the_inputs_are_those_that_were_graded(self, as_bob, submission, sent):
        files = ordered(as_bob, submission, sent)
        made = bundles.Bundle.objects.get()
        again = chores.make_bundle(trusted(EXERCISE), SEED)
        assert files["cases.safetensors"] == again.tensors == bytes(made.tensors)

    def test_a_second_click_orders_nothing_more(self, as_bob, submission, sent):
        for _ in range(3):
            as_bob.post(page_of(submission))
            as_bob.get(page_of(submission))
        assert len(sent.ids) == 1
        grade(sent)
        as_bob.post(page_of(submission))
        assert len(sent.ids) == 1

    def test_a_flood_of_orders_delays_nobody(self, as_bob, bob, charlie, sent):
        flood = [run_once(bob) for _ in range(5)]
        for one in flood:
            as_bob.post(page_of(one))
        assert len(sent.ids) == 2
        bundles.replay(submission=run_once(charlie), exercise=EXERCISE)
        assert len(sent.ids) == 3  # another's does not wait for them
        for number in sent.ids[:2]:
            bundles.deliver(bundle_id=number, cases="{}", tensors=b"")
        for one in flood:
            as_bob.get(page_of(one))  # their pages ask by themselves
        assert len(sent.ids) == len(set(sent.ids)) == 5

    def test_a_lost_message_is_sent_again_by_whoever_waits(
        self, as_bob, submission, sent
    ):
        as_bob.post(page_of(submission))
        Bundle.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
        as_bob.get(page_of(submission))
        assert len(sent.ids) == 2

    def test_a_broker_that_is_down_is_asked_again(self, as_bob, submission, sent):
        sent.is_down = True
        assert as_bob.post(page_of(submission)).status_code == 302
        sent.is_down = False
        as_bob.get(page_of(submission))
        assert len(sent.ids) == 1

    @pytest.mark.parametrize(
        "changes",
        [{"timing_ms": {"admit": 1.0}}, {"seed": ""}],
        ids=["never run", "no seed"],
    )
    def test_what_was_not_run_cannot_be_repeated(self, as_bob, bob, changes):
        other = run_once(bob, **changes)
        assert as_bob.get(page_of(other)).status_code == 404
        assert page_of(other) not in as_bob.get(other.get_absolute_url()).text

    def test_another_version_of_the_exercise_cannot_be_repeated(self, as_bob, bob):
        old = run_once(bob)
        Submission.objects.update(exercise_digest="0" * 64)
        assert as_bob.post(page_of(old)).status_code == 404

    def test_a_broken_exercise_is_told_and_to_staff_why(
        self, as_bob, submission, sent, monkeypatch
    ):
        def broken(*args, **kwargs):
            raise ExerciseBroken("check values has no case")

        monkeypatch.setattr(chores, "make_bundle", broken)
        as_bob.post(page_of(submission))
        grade(sent)
        assert "собрать не удалось" in as_bob.get(page_of(submission)).text
        assert "has no case" not in as_bob.get(page_of(submission)).text
        staff = signed_in(UserFactory(is_staff=True))
        assert "has no case" in staff.get(page_of(submission)).text

    def test_only_the_last_few_are_kept(self, bob, monkeypatch):
        monkeypatch.setattr(bundles, "KEPT_PER_PERSON", 2)
        own = [run_once(bob) for _ in range(4)]
        for one in own:
            bundles.replay(submission=one, exercise=EXERCISE)
        kept = set(Bundle.objects.values_list("submission", flat=True))
        assert kept == {own[2].pk, own[3].pk}

    def test_old_ones_are_swept_away(self, submission, settings):
        bundles.replay(submission=submission, exercise=EXERCISE)
        examples = bundles.examples(exercise=EXERCISE)
        Bundle.objects.update(asked_at=timezone.now() - timedelta(days=8))
        services.sweep()
        assert Bundle.objects.get() == examples


class TestWhoMayHaveIt:
    @pytest.fixture
    def ready(self, submission, sent, course) -> Submission:
        AssignmentFactory(course=course, item="tr_attention")
        for with_hidden in (False, True):
            bundles.replay(
                submission=submission, exercise=EXERCISE, with_hidden=with_hidden
            )
            grade(sent)
        return submission

    @pytest.mark.parametrize("tail", ["replay/", "replay/all/"])
    @pytest.mark.parametrize("end", ["", "replay.zip"])
    def test_charlie_may_not(self, as_charlie, ready, tail, end):
        assert as_charlie.get(page_of(ready, tail + end)).status_code == 404
        assert as_charlie.post(page_of(ready, tail)).status_code == 404

    @pytest.mark.parametrize("tail", ["replay/", "replay/all/"])
    @pytest.mark.parametrize("end", ["", "replay.zip"])
    def test_a_guest_is_asked_to_sign_in(self, client, ready, tail, end):
        response = client.get(page_of(ready, tail + end))
        assert response.headers["Location"].startswith("/accounts/login/")

    @pytest.mark.parametrize("end", ["", "replay.zip"])
    def test_the_owner_may_not_have_the_hidden_ones(self, as_bob, ready, end):
        assert as_bob.get(page_of(ready, f"replay/all/{end}")).status_code == 404
        assert "replay/all/" not in as_bob.get(page_of(ready)).text

    def test_the_instructor_has_the_hidden_ones_too(self, as_alice, ready):
        assert "replay/all/" in as_alice.get(page_of(ready)).text
        files = unpacked(as_alice.get(page_of(ready, "replay/all/replay.zip")))
        assert checks(files) > HIDDEN
        assert all(SEED.encode() not in content for content in files.values())

    def test_staff_have_the_hidden_ones_too(self, ready):
        staff = signed_in(UserFactory(is_staff=True))
        files = unpacked(staff.get(page_of(ready, "replay/all/replay.zip")))
        assert checks(files) > HIDDEN

    def test_an_instructor_of_another_course_may_not(self, ready, charlie):
        other = CourseFactory()
        enrol(other, charlie, role=Role.INSTRUCTOR)
        AssignmentFactory(course=other, item="tr_attention")
        response = signed_in(charlie).get(page_of(ready, "replay/all/"))
        assert response.status_code == 404

    def test_an_unknown_one_is_not_found(self, as_bob):
        assert as_bob.get(f"/submissions/{uuid4()}/replay/").status_code == 404
