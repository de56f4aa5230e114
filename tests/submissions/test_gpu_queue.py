"""Which submissions go to the worker with a GPU, and what when there is none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from exercises.spec import UnknownExercise
from quizsite.submissions import queue, regrading, services
from quizsite.submissions.models import OutboxMessage
from tests.submissions.gpu import gpu_answered, on_gpu, with_gpu

pytestmark = pytest.mark.django_db(transaction=True)
SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return q\n"


@pytest.fixture(autouse=True)
def _broker(broker):
    return broker


@pytest.fixture
def known(monkeypatch):
    """Let the queue know an exercise of this kind under its name."""

    def know(exercise):
        monkeypatch.setattr(queue, "load_exercise", lambda slug: exercise)
        return exercise

    return know


def send(user, exercise) -> OutboxMessage:
    submission = services.submit(user=user, exercise=exercise, source=SOURCE)
    return OutboxMessage.objects.get(submission=submission)


class TestRoute:
    def test_what_needs_a_gpu_goes_there_whether_or_not_anybody_answers(
        self, alice, bob, exercise, known, broker
    ):
        send(alice, known(on_gpu(exercise)))
        gpu_answered()
        send(bob, on_gpu(exercise))
        assert [sent for _, sent in broker.sent] == ["grading.gpu"] * 2

    def test_what_only_has_more_to_show_there_goes_there_while_it_answers(
        self, alice, bob, charlie, exercise, known, broker
    ):
        known(with_gpu(exercise))
        send(alice, with_gpu(exercise))
        gpu_answered(seconds=30)
        send(bob, with_gpu(exercise))
        gpu_answered(minutes=5)
        send(charlie, with_gpu(exercise))
        assert [sent for _, sent in broker.sent] == [
            "grading.cpu",
            "grading.gpu",
            "grading.cpu",
        ]

    def test_a_gpu_that_is_ill_is_none(self, alice, exercise, broker):
        gpu_answered(ok=False)
        assert send(alice, with_gpu(exercise)).queue == "grading.cpu"

    def test_no_other_exercise_is_taken_there(self, alice, exercise):
        gpu_answered()
        assert send(alice, exercise).queue == "grading.cpu"

    def test_a_gpu_that_fell_silent_keeps_nobody_waiting(
        self, alice, exercise, known, broker
    ):
        gpu_answered()
        message = send(alice, known(with_gpu(exercise)))
        gpu_answered(minutes=5)
        OutboxMessage.objects.update(
            created_at=timezone.now() - timedelta(minutes=2),
            sent_at=timezone.now() - timedelta(minutes=1),
        )
        services.sweep()
        assert [sent for _, sent in broker.sent] == ["grading.gpu", "grading.cpu"]
        message.refresh_from_db()
        assert message.queue == "grading.cpu"

    def test_what_needs_a_gpu_goes_on_waiting_for_it(
        self, alice, exercise, known, broker
    ):
        send(alice, known(on_gpu(exercise)))
        OutboxMessage.objects.update(sent_at=None)
        services.sweep()
        assert [sent for _, sent in broker.sent] == ["grading.gpu"] * 2

    def test_an_exercise_that_is_gone_is_the_workers_to_tell_of(
        self, alice, exercise, broker, monkeypatch
    ):
        def gone(slug):
            raise UnknownExercise(slug)

        monkeypatch.setattr(queue, "load_exercise", gone)
        send(alice, on_gpu(exercise))
        assert broker.sent[-1][1] == "grading.gpu"

    @pytest.mark.parametrize(("seconds", "is_gpu"), [(30, True), (600, False)])
    def test_a_regrade_takes_the_same_way(self, exercise, sent, seconds, is_gpu):
        gpu_answered(seconds=seconds)
        regrade = regrading.begin(exercise=with_gpu(exercise))
        assert regrade.is_gpu is is_gpu


class TestPlaces:
    def test_what_waits_for_a_gpu_holds_up_nothing_else(
        self, alice, exercise, known, broker
    ):
        known(on_gpu(exercise))
        for _ in range(3):
            services.submit(
                user=alice, exercise=on_gpu(exercise), source=SOURCE, replaces=False
            )
        send(alice, exercise)
        queues = [sent for _, sent in broker.sent]
        assert queues == ["grading.gpu", "grading.gpu", "grading.cpu"]

    def test_and_nothing_else_holds_up_what_waits_for_a_gpu(
        self, alice, exercise, known, broker
    ):
        for _ in range(3):
            services.submit(
                user=alice, exercise=exercise, source=SOURCE, replaces=False
            )
        services.submit(
            user=alice, exercise=known(on_gpu(exercise)), source=SOURCE, replaces=False
        )
        assert broker.sent[-1][1] == "grading.gpu"


class TestSignsOfLife:
    """The worker that beat reaches passes its heartbeat on."""

    @pytest.fixture
    def sent(self, monkeypatch):
        found = []

        class App:
            def send_task(self, name, **options):
                found.append((name, options["queue"], options["expires"]))

        monkeypatch.setattr(queue, "current_app", App())
        return found

    def test_a_gpu_that_answered_lately_is_asked_again(self, sent):
        gpu_answered(seconds=40)
        queue.ask_gpu_for_life()
        assert sent == [("graders.tasks.heartbeat", "grading.gpu", 20)]

    @pytest.mark.parametrize("ago", [{"seconds": 5}, {"hours": 2}])
    def test_not_at_once_and_not_for_ever(self, sent, ago):
        gpu_answered(**ago)
        queue.ask_gpu_for_life()
        assert sent == []

    def test_where_there_never_was_one_nothing_fills_its_queue(self, sent):
        queue.ask_gpu_for_life()
        assert sent == []

    def test_a_broker_that_is_down_is_no_fault_of_the_heartbeat(
        self, broker, monkeypatch, caplog
    ):
        def down(name, **options):
            raise ConnectionError("the broker is down")

        monkeypatch.setattr(broker, "send_task", down)
        gpu_answered(seconds=40)
        queue.ask_gpu_for_life()
        assert "the broker took no heartbeat" in caplog.text
