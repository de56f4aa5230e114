"""A real worker, the embedded broker, and what may happen to both.

SQLite's test database lives in memory, where no other process can look, so these
tests work on a copy of it in a file.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from exercises.spec import all_exercises, load_exercise
from quizsite.accounts.models import User
from quizsite.courses.models import GradeEvent
from quizsite.submissions import services
from quizsite.submissions.models import Heartbeat, OutboxMessage, State, Submission
from tests.factories import UserFactory
from tests.ops.drills import SLOW, await_busy_child, busy_children
from tests.ops.worker import children, descendants, until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3",
        reason="the embedded default; tests/ops/test_real_services.py has the other",
    ),
]
EXERCISE = load_exercise("tr_attention")
REFERENCE = (EXERCISE.folder / "reference.py").read_text()
ENDLESS = """
def attention(q, k, v, mask=None, causal=False):
    while True:
        pass
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory, django_db_setup, django_db_blocker) -> Iterator[Path]:
    """A file with the test database's tables, in place of the one in memory."""
    path = tmp_path_factory.mktemp("database") / "site.sqlite3"
    memory = connections["default"]
    with django_db_blocker.unblock():
        memory.ensure_connection()
        with sqlite3.connect(path) as copy:
            memory.connection.backup(copy)
        copy.close()
        connections["default"] = memory.copy()
        connections["default"].settings_dict["NAME"] = str(path)
        yield path
        connections["default"].close()
        connections["default"] = memory


@pytest.fixture(scope="module")
def worker(database) -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-m", "celery", "--app", "quizsite", "--quiet", "worker"]
    argv += ["--include", "graders.tasks", "--queues", "grading.cpu,default"]
    argv += ["--concurrency", "2", "--loglevel", "WARNING"]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "quizsite.settings",  # the tests' make a new folder
        "DATABASE_URL": f"sqlite://{database}",
    }
    process = subprocess.Popen(argv, env=environment, start_new_session=True)
    try:
        until(Heartbeat.objects.filter(component="worker").exists, "no heartbeat")
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def student(worker) -> User:
    return UserFactory()


def hand_in(user: User, source: str) -> Submission:
    return services.submit(user=user, exercise=EXERCISE, source=source)


def is_in(state: State, submission: Submission) -> Callable[[], bool]:
    return Submission.objects.filter(pk=submission.pk, state=state).exists


def await_verdict(submission: Submission) -> str:
    until(is_in(State.DONE, submission), "no report")
    submission.refresh_from_db()
    return submission.verdict


def every_message_is_old() -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    OutboxMessage.objects.update(sent_at=long_ago, created_at=long_ago)


def test_a_submission_gets_its_report(student):
    assert await_verdict(hand_in(student, REFERENCE)) == "accepted"


def test_a_flood_is_graded_two_at_a_time_until_none_is_left(student):
    # One of each exercise: a newer one of the same would replace one that waits.
    made = [
        services.submit(
            user=student,
            exercise=exercise,
            source=(exercise.folder / "reference.py").read_text(),
        )
        for exercise in all_exercises()
        if exercise.device != "gpu"
    ][:6]
    assert len(made) > settings.MAX_IN_FLIGHT
    sent = OutboxMessage.objects.filter(submission__in=made, sent_at__isnull=False)
    assert sent.count() <= settings.MAX_IN_FLIGHT
    assert {await_verdict(one) for one in made} == {"accepted"}


def test_a_submission_survives_the_removal_of_the_brokers_folder(student):
    shutil.rmtree(settings.VAR_DIR / "broker")
    assert await_verdict(hand_in(student, REFERENCE)) == "accepted"


def test_a_message_lost_with_the_folder_is_sent_again(student, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("quizsite.submissions.queue._send", lambda message: None)
        submission = hand_in(student, REFERENCE)
    shutil.rmtree(settings.VAR_DIR / "broker", ignore_errors=True)
    every_message_is_old()
    services.sweep()
    assert await_verdict(submission) == "accepted"


def test_a_submission_survives_sigkill_of_the_child_that_grades_it(worker, student):
    submission = hand_in(student, ENDLESS)
    until(is_in(State.RUNNING, submission), "never claimed")
    killed = children(worker.pid)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    # No sweep: the worker's parent gives it back.
    assert await_verdict(submission) == "time_limit"
    assert submission.tries == 2
    assert not set(killed) & set(children(worker.pid))


def test_a_killed_child_leaves_no_sandbox_behind(worker, student):
    assert await_verdict(hand_in(student, REFERENCE)) == "accepted"
    before = children(worker.pid)
    zygotes = {pid for child in before for pid in descendants(child)}
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    gone = [Path(f"/proc/{pid}") for pid in zygotes]
    until(lambda: not any(map(Path.exists, gone)), "a sandbox outlived its worker")
    assert zygotes


@contextmanager
def no_space_left(worker) -> Iterator[None]:
    """What the worker and its children write to files fails, as on a full disk."""
    before = {
        pid: resource.prlimit(pid, resource.RLIMIT_FSIZE)
        for pid in (worker.pid, *children(worker.pid))
    }
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_under_the_worker_loses_nothing(worker, student):
    messages = settings.VAR_DIR / "broker" / "messages"
    running = hand_in(student, SLOW)
    await_busy_child(worker)
    with no_space_left(worker):
        queued = hand_in(UserFactory(), REFERENCE)
        until(lambda: not any(messages.iterdir()), "the message was not taken")
        until(lambda: not busy_children(worker), "the grading did not end")
        assert is_in(State.RUNNING, running)()
        assert not is_in(State.DONE, queued)()
    Submission.objects.filter(state=State.RUNNING).update(lease_until=timezone.now())
    every_message_is_old()
    services.sweep()
    assert {await_verdict(running), await_verdict(queued)} == {"accepted"}
    assert GradeEvent.objects.filter(submission__in=[running, queued]).count() == 2
