"""What a student reads while there is no GPU, on the page and through the API."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from quizsite.submissions import waiting
from quizsite.submissions.models import Heartbeat, OutboxMessage, Submission
from tests.api.conftest import Api
from tests.factories import SubmissionFactory
from tests.submissions.gpu import gpu_answered, on_gpu, with_gpu

pytestmark = pytest.mark.django_db
NEEDS = "Заданию нужна видеокарта"


@pytest.fixture(autouse=True)
def _workers():
    Heartbeat.record("worker", ok=True, detail={})


@pytest.fixture
def known(monkeypatch, exercise):
    """Let the page know the exercise as one of this kind."""

    def know(kind):
        monkeypatch.setattr(waiting, "load_exercise", lambda slug: kind(exercise))

    know(on_gpu)
    return know


def queued(user, **more) -> Submission:
    submission = SubmissionFactory(user=user)
    values = {"queue": "grading.gpu", "sent_at": timezone.now()} | more
    OutboxMessage.objects.create(submission=submission, **values)
    return submission


def status_of(client, submission) -> str:
    response = client.get(f"{submission.get_absolute_url()}status/")
    assert response.status_code == 200
    return response.content.decode()


def at(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    moment = datetime(year, month, day, hour, minute)
    return timezone.make_aware(moment)


class TestPage:
    def test_it_says_what_it_waits_for_and_since_when(self, as_bob, bob, known):
        submission = queued(bob)
        Submission.objects.update(created_at=at(2026, 11, 3, 10, 20))
        page = status_of(as_bob, submission)
        assert NEEDS in page
        assert "дождётся" in page
        assert '<time datetime="2026-11-03T10:20:00' in page
        assert "с 10:20:00" in page

    def test_it_says_that_there_never_was_one(self, as_bob, bob, known):
        assert "их не было" in status_of(as_bob, queued(bob))

    def test_it_says_when_one_answered_last(self, as_bob, bob, known):
        gpu_answered()
        Heartbeat.objects.filter(component="gpu").update(at=at(2026, 11, 3, 9, 5))
        page = status_of(as_bob, queued(bob))
        assert "Последний раз они отвечали: 3 ноября, 09:05." in page

    def test_it_says_that_the_card_does_not_work(self, as_bob, bob, known):
        gpu_answered(ok=False)
        assert "Видеокарта не работает" in status_of(as_bob, queued(bob))

    @pytest.mark.parametrize("sent_at", [timezone.now(), None])
    def test_it_says_so_before_and_after_it_was_sent(self, as_bob, bob, known, sent_at):
        assert NEEDS in status_of(as_bob, queued(bob, sent_at=sent_at))

    def test_a_worker_with_one_ends_that(self, as_bob, bob, known):
        gpu_answered(seconds=90)  # a slow grading may hold its heartbeat up
        page = status_of(as_bob, queued(bob))
        assert NEEDS not in page
        assert "следующая" in page

    def test_who_can_do_without_is_told_that_it_will(self, as_bob, bob, known):
        known(with_gpu)
        page = status_of(as_bob, queued(bob))
        assert "проверят без видеокарты" in page
        assert NEEDS not in page

    def test_it_still_asks_again_by_itself(self, as_bob, bob, known):
        assert 'hx-trigger="load delay:' in status_of(as_bob, queued(bob))

    def test_charlie_hears_nothing_of_it(self, as_charlie, bob, known):
        url = queued(bob).get_absolute_url()
        assert as_charlie.get(f"{url}status/").status_code == 404


class TestApi:
    def answer(self, user, submission):
        return Api(user).get(f"submissions/{submission.pk}/")

    def test_it_says_that_it_waits_for_a_gpu_and_since_when(self, bob, known):
        submission = queued(bob)
        waits = self.answer(bob, submission).json["waiting"]
        assert waits["for_gpu"] is True
        assert waits["reason"].startswith(NEEDS)
        assert datetime.fromisoformat(waits["since"]) == submission.created_at

    def test_other_waiting_is_not_for_a_gpu(self, bob, known):
        submission = queued(bob, queue="grading.cpu")
        waits = self.answer(bob, submission).json["waiting"]
        assert waits["for_gpu"] is False
        assert "следующая" in waits["reason"]

    def test_a_finished_one_waits_for_nothing(self, bob):
        done = SubmissionFactory(user=bob, state="done", verdict="accepted", score=1.0)
        assert self.answer(bob, done).json["waiting"] is None

    def test_charlie_hears_nothing_of_it(self, bob, charlie, known):
        assert self.answer(charlie, queued(bob)).status == 404


class TestReport:
    """A check that was not judged for want of a GPU."""

    @pytest.fixture
    def page(self, as_bob, bob):
        check = {"name": "gpu", "title": "На видеокарте", "public": True, "points": 0}
        check |= {"passed": False, "max_points": 0, "device": "gpu", "waived": True}
        check |= {"message": "Не проверялось: нужна видеокарта.", "details": {}}
        report = {
            "verdict": "accepted",
            "blame": "none",
            "message": "",
            "checks": [check],
        }
        submission = SubmissionFactory(
            user=bob, state="done", verdict="accepted", score=1.0, report=report
        )
        return as_bob.get(submission.get_absolute_url()).content.decode()

    def test_is_neither_passed_nor_failed(self, page):
        assert 'class="check waived"' in page
        assert "Не проверялась:" in page
        assert "✗" not in page

    def test_has_no_points_to_lose(self, page):
        assert "без баллов" in page
        assert "нужна видеокарта" in page


class TestExercise:
    def test_the_page_says_what_a_gpu_is_for(self, client):
        page = client.get("/exercises/graph_message_passing/").content.decode()
        assert "на баллы не влияют" in page
        assert "память видеокарты:" in page
        assert "выполняется на процессоре и, если есть, на видеокарте" in page

    def test_the_page_of_another_says_nothing_of_it(self, client):
        page = client.get("/exercises/tr_attention/").content.decode()
        assert "видеокарт" not in page

    def test_the_api_says_where_each_check_is_made(self, bob):
        answer = Api(bob).get("exercises/graph_message_passing/").json
        devices = {check["name"]: check["device"] for check in answer["checks"]}
        assert (devices["sum"], devices["gpu"]) == ("cpu", "gpu")
        assert answer["limits"]["device_memory_mb"] == 2048
