"""The Celery edge, with the real pipeline and a real sandbox."""

from __future__ import annotations

import math
import platform
from uuid import uuid4

import pytest
import torch

from exercises.spec import HIGHEST_TIME_S, load_exercise
from graders import chores, tasks
from graders.attendant import BUDGET_S
from graders.errors import ExerciseBroken, SandboxBroken, SandboxUnavailable
from quizsite.submissions import queue, regrading, services
from quizsite.submissions.models import Heartbeat, State, Submission
from tests.graders.test_intake import notebook

pytestmark = pytest.mark.django_db
EXERCISE = load_exercise("tr_attention")
REFERENCE = (EXERCISE.folder / "reference.py").read_text()
NO_SCALE = EXERCISE.wrong_solution("no_scale").read_text()


@pytest.fixture(autouse=True)
def _nothing_is_sent(monkeypatch):
    monkeypatch.setattr(queue, "_send", lambda message: None)


@pytest.fixture(scope="module", autouse=True)
def _sandbox():
    yield
    tasks.close_sandbox()


def graded(user, source: str) -> Submission:
    submission = services.submit(user=user, exercise=EXERCISE, source=source)
    tasks.grade.apply(args=[str(submission.pk)]).get()
    submission.refresh_from_db()
    return submission


def test_the_reference_is_accepted(alice):
    submission = graded(alice, REFERENCE)
    assert submission.state == State.DONE
    assert (submission.verdict, submission.score) == ("accepted", 1.0)
    assert submission.exercise_digest == EXERCISE.digest


def test_the_report_says_where_it_was_made(alice):
    environment = graded(alice, REFERENCE).report["environment"]
    assert environment["sandbox"] == "bubblewrap"
    assert environment["torch"] == torch.__version__
    assert environment["python"] == platform.python_version()


def test_a_known_mistake_is_recognised(alice):
    submission = graded(alice, NO_SCALE)
    assert submission.verdict == "wrong_answer"
    assert submission.mistake == "no_scale"


CELLS = (
    "import torch",
    "# опыт\n\n"
    + (
        "def attention(q, k, v, mask=None, causal=False):\n    return q.no_such_thing\n"
    ),
)


def test_the_lines_of_a_notebook_reach_the_report(alice):
    submission = services.submit(
        user=alice, exercise=EXERCISE, source=notebook(*CELLS), filename="a.ipynb"
    )
    tasks.grade.apply(args=[str(submission.pk)]).get()
    submission.refresh_from_db()
    place = {"line": 4, "cell": 2}
    assert place.items() <= submission.report["checks"][0]["details"].items()
    assert submission.report["traceback"].startswith("ячейка\xa02, строка\xa04: ")


def test_they_reach_that_of_a_regrade_too(alice, monkeypatch):
    monkeypatch.setattr(regrading, "_send", lambda item: None)
    submission = services.submit(
        user=alice, exercise=EXERCISE, source=notebook(*CELLS), filename="a.ipynb"
    )
    tasks.grade.apply(args=[str(submission.pk)]).get()
    regrade = regrading.begin(exercise=EXERCISE)
    item = regrade.items.get()
    chores.regrade.apply(args=[item.pk]).get()
    item.refresh_from_db()
    assert item.report["checks"][0]["details"]["cell"] == 2


def test_answers_that_are_not_finite_are_recorded(alice):
    submission = graded(
        alice,
        "def attention(q, k, v, mask=None, causal=False):\n"
        "    return v.sum() * q * float('nan'), q @ k.mT\n",
    )
    assert submission.state == State.DONE


def test_a_second_delivery_grades_nothing(alice, monkeypatch):
    submission = graded(alice, REFERENCE)
    monkeypatch.setattr(tasks.pipeline, "grade", pytest.fail)
    tasks.grade.apply(args=[str(submission.pk)]).get()


def test_an_unknown_submission_is_no_error():
    tasks.grade.apply(args=[str(uuid4())]).get()


@pytest.mark.parametrize("fault", [SandboxBroken("gone"), ZeroDivisionError("a bug")])
def test_a_fault_gives_the_submission_back(alice, monkeypatch, fault):
    def broken(*args, **options):
        raise fault

    monkeypatch.setattr(tasks.pipeline, "grade", broken)
    submission = graded(alice, REFERENCE)
    assert (submission.state, submission.tries) == (State.QUEUED, 1)


def test_a_fault_opens_a_new_sandbox(alice, monkeypatch):
    before = tasks.sandbox()
    with monkeypatch.context() as patch:
        patch.setattr(tasks.pipeline, "grade", lambda *args, **options: 1 / 0)
        submission = graded(alice, REFERENCE)
    tasks.grade.apply(args=[str(submission.pk)]).get()
    submission.refresh_from_db()
    assert submission.verdict == "accepted"
    assert tasks.sandbox() is not before


def test_a_removed_exercise_ends_as_a_system_error(alice):
    submission = services.submit(user=alice, exercise=EXERCISE, source=REFERENCE)
    Submission.objects.filter(pk=submission.pk).update(exercise="removed")
    for _ in range(3):
        tasks.grade.apply(args=[str(submission.pk)]).get()
    submission.refresh_from_db()
    assert submission.verdict == "system_error"


def test_the_heartbeat_comes_through_a_real_sandbox():
    tasks.heartbeat.apply().get()
    assert Heartbeat.objects.get(component="sandbox").ok


def test_a_grading_shows_life_too_but_not_at_every_one(alice, monkeypatch):
    monkeypatch.setattr(tasks._shown, "at", -math.inf)
    graded(alice, REFERENCE)
    first = Heartbeat.objects.get(component="sandbox")
    graded(alice, NO_SCALE)
    assert Heartbeat.objects.get(component="sandbox").at == first.at


def test_a_refusal_that_ran_nothing_says_nothing_of_the_sandbox(alice, monkeypatch):
    monkeypatch.setattr(tasks._shown, "at", -math.inf)
    assert graded(alice, "x = 1").verdict == "contract_error"
    assert not Heartbeat.objects.exists()


def test_a_sandbox_that_cannot_be_had_is_told(monkeypatch):
    def refuse(url):
        raise SandboxUnavailable("install bubblewrap")

    tasks.close_sandbox()
    monkeypatch.setattr(tasks, "open_sandbox", refuse)
    tasks.heartbeat.apply().get()
    beat = Heartbeat.objects.get(component="sandbox")
    assert not beat.ok and "bubblewrap" in beat.detail["problem"]


def test_no_grading_can_outlast_its_lease(settings):
    slowest = BUDGET_S + HIGHEST_TIME_S
    assert slowest < tasks.TIME_LIMIT < settings.LEASE_SECONDS


def test_the_worker_reads_references_and_survives_a_broken_one(monkeypatch, caplog):
    def broken(exercise):
        read.append(exercise.slug)
        raise ExerciseBroken("no reference.py")

    read: list[str] = []
    monkeypatch.setattr(tasks, "trusted", broken)
    tasks.read_exercises()
    assert EXERCISE.slug in read
    assert len(read) == caplog.text.count("cannot be graded")
