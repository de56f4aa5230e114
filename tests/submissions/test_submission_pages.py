"""One submission as its author, its instructor, staff and strangers see it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from graders.verdicts import Verdict
from quizsite.submissions.models import Heartbeat, OutboxMessage, Submission
from tests.conftest import signed_in
from tests.factories import AssignmentFactory, SubmissionFactory, UserFactory
from tests.submissions.reports import graded, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _broker(broker):
    return broker


@pytest.fixture
def as_staff(db):
    return signed_in(UserFactory(username="staff", is_staff=True))


def queued(user, **more) -> Submission:
    submission = SubmissionFactory(user=user)
    values = {"queue": "grading.cpu", "sent_at": timezone.now()} | more
    OutboxMessage.objects.create(submission=submission, **values)
    return submission


def worker_is_there(component="worker") -> None:
    Heartbeat.record(component, ok=True, detail={})


class TestWhoSeesIt:
    def test_its_author_does(self, as_bob, bob):
        assert "Неверный ответ" in page_of(as_bob, graded(bob))

    def test_the_instructor_of_a_course_with_the_exercise_does(
        self, as_alice, bob, course
    ):
        AssignmentFactory(course=course, item="tr_attention")
        assert "Боб" in page_of(as_alice, graded(bob))

    @pytest.mark.parametrize("tail", ["", "status/", "source/"])
    def test_charlie_does_not(self, as_charlie, bob, course, tail):
        AssignmentFactory(course=course, item="tr_attention")
        url = graded(bob).get_absolute_url() + tail
        assert as_charlie.get(url).status_code == 404

    @pytest.mark.parametrize("tail", ["", "status/", "source/"])
    def test_a_guest_does_not(self, client, bob, tail):
        assert client.get(graded(bob).get_absolute_url() + tail).status_code == 404

    def test_an_unknown_one_is_not_found(self, as_bob):
        assert as_bob.get(f"/submissions/{uuid4()}/").status_code == 404


class TestWaiting:
    def test_it_asks_again_by_itself_and_without_javascript(self, as_bob, bob):
        worker_is_there()
        page = page_of(as_bob, queued(bob))
        assert 'hx-trigger="load delay:300ms' in page
        assert '<noscript><meta http-equiv="refresh"' in page

    def test_it_says_how_many_are_before_it(self, as_bob, bob, alice):
        worker_is_there()
        queued(alice)
        queued(alice)
        page = page_of(as_bob, queued(bob), "status/")
        assert "Перед ней в очереди 2 посылки" in page

    def test_the_next_one_is_told_so(self, as_bob, bob):
        worker_is_there()
        assert "следующая" in page_of(as_bob, queued(bob), "status/")

    def test_it_waits_for_ones_own_earlier_submissions(self, as_bob, bob):
        worker_is_there()
        queued(bob)
        queued(bob)
        page = page_of(as_bob, queued(bob, sent_at=None), "status/")
        assert "Ждёт ваших предыдущих посылок" in page

    def test_it_waits_for_the_broker(self, as_bob, bob):
        page = page_of(as_bob, queued(bob, sent_at=None), "status/")
        assert "очередь проверок сейчас не отвечает" in page

    def test_it_waits_for_a_worker(self, as_bob, bob):
        assert "не на связи" in page_of(as_bob, queued(bob), "status/")

    def test_a_running_one_says_so(self, as_bob, bob):
        running = SubmissionFactory(
            user=bob, state="running", tries=1, started_at=timezone.now()
        )
        assert "Проверяется" in page_of(as_bob, running, "status/")

    def test_a_second_try_is_explained(self, as_bob, bob):
        running = SubmissionFactory(
            user=bob, state="running", tries=2, started_at=timezone.now()
        )
        assert "попытка 2 из 3" in page_of(as_bob, running, "status/")

    def test_the_older_it_is_the_rarer_it_asks(self, as_bob, bob):
        submission = queued(bob)
        long_ago = timezone.now() - timedelta(hours=1)
        Submission.objects.filter(pk=submission.pk).update(created_at=long_ago)
        assert "load delay:15000ms" in page_of(as_bob, submission, "status/")

    def test_a_finished_one_asks_no_more(self, as_bob, bob):
        page = page_of(as_bob, graded(bob), "status/")
        assert "hx-trigger" not in page and "hx-get" not in page


class TestReplaced:
    def test_it_says_so_and_leads_to_the_newer_one(self, as_bob, bob):
        newer = queued(bob)
        older = SubmissionFactory(user=bob, state="replaced", replaced_by=newer)
        page = page_of(as_bob, older)
        assert newer.get_absolute_url() in page
        assert "Попытка не потрачена" in page
        assert "hx-trigger" not in page

    def test_the_lists_show_it_as_what_it_is(self, as_bob, bob):
        SubmissionFactory(user=bob, state="replaced")
        assert "заменена новой" in as_bob.get("/submissions/").content.decode()


class TestRestart:
    def test_staff_restarts_a_system_error(self, as_staff, bob):
        submission = graded(bob, Verdict.SYSTEM_ERROR, 0.0)
        assert "Проверить заново" in page_of(as_staff, submission)
        as_staff.post(f"{submission.get_absolute_url()}restart/")
        submission.refresh_from_db()
        assert submission.state == "queued"

    def test_staff_cannot_restart_a_students_failure(self, as_staff, bob):
        submission = graded(bob)
        as_staff.post(f"{submission.get_absolute_url()}restart/")
        submission.refresh_from_db()
        assert submission.state == "done"

    def test_a_removed_exercise_cannot_be_restarted(self, as_staff, bob):
        submission = graded(bob, Verdict.SYSTEM_ERROR, 0.0)
        Submission.objects.filter(pk=submission.pk).update(exercise="removed")
        response = as_staff.post(f"{submission.get_absolute_url()}restart/")
        assert response.status_code == 404

    @pytest.mark.parametrize("who", ["bob", "alice", "charlie"])
    def test_nobody_else_can(self, who, request, bob, course):
        AssignmentFactory(course=course, item="tr_attention")
        client = request.getfixturevalue(f"as_{who}")
        submission = graded(bob, Verdict.SYSTEM_ERROR, 0.0)
        url = f"{submission.get_absolute_url()}restart/"
        assert client.post(url).status_code == 404
        submission.refresh_from_db()
        assert submission.state == "done"

    def test_it_is_no_matter_of_following_a_link(self, as_staff, bob):
        url = f"{graded(bob, Verdict.SYSTEM_ERROR, 0.0).get_absolute_url()}restart/"
        assert as_staff.get(url).status_code == 405


class TestMine:
    def test_it_lists_ones_own_and_no_others(self, as_bob, bob, alice):
        own, other = graded(bob), graded(alice)
        page = as_bob.get("/submissions/").content.decode()
        assert own.get_absolute_url() in page
        assert other.get_absolute_url() not in page

    def test_charlie_sees_nothing_of_bobs(self, as_charlie, bob):
        graded(bob)
        page = as_charlie.get("/submissions/").content.decode()
        assert "Вы пока ничего не отправляли" in page

    def test_a_guest_is_asked_to_sign_in(self, client):
        response = client.get("/submissions/")
        assert response.headers["Location"].startswith("/accounts/login/")

    def test_many_come_in_pages(self, as_bob, bob):
        SubmissionFactory.create_batch(31, user=bob)
        assert "?page=2" in as_bob.get("/submissions/").content.decode()
        assert as_bob.get("/submissions/?page=2").status_code == 200
        assert as_bob.get("/submissions/?page=nonsense").status_code == 200
