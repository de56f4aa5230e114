"""A worker with a GPU at the Celery edge; the GPU is played by others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from exercises.spec import load_exercise
from graders import tasks
from graders.errors import SandboxBroken
from graders.sandbox.session import Job, Outcome
from quizsite.submissions import queue, services
from quizsite.submissions.models import Heartbeat, OutboxMessage, State, Submission
from tests.graders.scripted import Scripted
from tests.submissions.gpu import on_gpu, with_gpu

pytestmark = pytest.mark.django_db(transaction=True)
EXERCISE = load_exercise("tr_attention")
SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return q\n"
URL = "bwrap:?gpu=0"


class Kinds:
    """Sandboxes by their URLs; any may be broken."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.broken: set[str] = set()

    def open(self, url: str) -> Any:
        self.opened.append(url)
        if url in self.broken:
            return Broken()
        return Scripted(lambda job, inputs: Outcome(value={"output": 0, "grads": {}}))


class Broken:
    @contextmanager
    def runner(self, job: Job) -> Iterator[Any]:
        raise SandboxBroken("the GPU fell off the bus")
        yield

    def close(self) -> None:
        """Nothing was opened."""


@pytest.fixture
def kinds(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Kinds]:
    """This process as the child of a worker of ``grading.gpu``."""
    made = Kinds()
    tasks.close_sandbox()
    settings.SANDBOX, settings.GPU_SANDBOX = "bwrap:", URL
    monkeypatch.setattr(tasks, "open_sandbox", made.open)
    monkeypatch.setattr(tasks, "consumed", lambda: ["grading.gpu"])
    monkeypatch.setattr(tasks._shown, "problem", "")
    monkeypatch.setattr(queue, "current_app", SimpleNamespace(send_task=silent))
    yield made
    tasks.close_sandbox()


def silent(*args: Any, **options: Any) -> None:
    """A broker that takes everything."""


def components() -> dict[str, bool]:
    return dict(Heartbeat.objects.values_list("component", "ok"))


def handed_in(user: Any, exercise: Any) -> Submission:
    return services.submit(user=user, exercise=exercise, source=SOURCE)


def deliver(submission: Submission) -> Submission:
    tasks.grade.apply(args=[str(submission.pk)]).get()
    submission.refresh_from_db()
    return submission


# --- signs of life


def test_a_heartbeat_runs_a_job_in_both_sandboxes(kinds: Kinds) -> None:
    tasks.heartbeat.apply().get()
    assert sorted(kinds.opened) == ["bwrap:", URL]
    assert components() == {"gpu": True}


@pytest.mark.parametrize("broken", ["bwrap:", URL])
def test_an_ill_gpu_is_told_and_the_site_is_not_called_ill(
    kinds: Kinds, broken: str
) -> None:
    kinds.broken = {broken}
    tasks.heartbeat.apply().get()
    assert components() == {"gpu": False}
    beat = Heartbeat.objects.get(component="gpu")
    assert "off the bus" in beat.detail["problem"]


def test_a_worker_of_all_queues_speaks_for_all(
    kinds: Kinds, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = ["default", "grading.cpu", "grading.gpu"]
    monkeypatch.setattr(tasks, "consumed", lambda: both)
    tasks.heartbeat.apply().get()
    assert components() == {"gpu": True, "worker": True, "sandbox": True}


def test_a_worker_without_a_gpu_says_nothing_of_one(
    kinds: Kinds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "consumed", lambda: ["default", "grading.cpu"])
    tasks.heartbeat.apply().get()
    assert components() == {"worker": True, "sandbox": True}
    assert kinds.opened == ["bwrap:"]


def test_it_passes_a_heartbeat_on_to_the_worker_that_has_one(
    kinds: Kinds, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(queue, "ask_gpu_for_life", lambda: asked.append(True))
    tasks.heartbeat.apply().get()
    assert asked == [True]


# --- grading


def test_both_sandboxes_are_the_pipelines(
    kinds: Kinds, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[object] = []

    def grade(source: str, exercise: Any, *sandboxes: object, **_: Any) -> Any:
        given.extend(sandboxes)
        raise ZeroDivisionError

    monkeypatch.setattr(tasks.pipeline, "grade", grade)
    deliver(handed_in(alice, EXERCISE))
    assert kinds.opened == ["bwrap:", URL]
    assert len(given) == 2


def broken_while_graded(
    kinds: Kinds, user: Any, exercise: Any, monkeypatch: pytest.MonkeyPatch
) -> Submission:
    """A submission during whose grading the GPU falls ill."""
    monkeypatch.setattr(tasks, "load_exercise", lambda slug: exercise)
    monkeypatch.setattr(queue, "load_exercise", lambda slug: exercise)
    Heartbeat.record("gpu", ok=True, detail={})
    submission = handed_in(user, exercise)
    assert OutboxMessage.objects.get().queue == "grading.gpu"
    kinds.broken = {URL}
    return deliver(submission)


def test_a_gpu_that_falls_ill_is_told_at_once(
    kinds: Kinds, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = broken_while_graded(kinds, alice, on_gpu(EXERCISE), monkeypatch)
    assert components() == {"gpu": False}
    assert (submission.state, submission.tries) == (State.QUEUED, 1)


def test_what_can_do_without_it_goes_to_the_others(
    kinds: Kinds, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = with_gpu(EXERCISE)
    monkeypatch.setattr(tasks.pipeline, "grade", raising)
    broken_while_graded(kinds, alice, exercise, monkeypatch)
    assert OutboxMessage.objects.get().queue == "grading.cpu"


def raising(*args: Any, **_: Any) -> None:
    raise SandboxBroken("the GPU fell off the bus")


def test_no_tries_are_spent_on_a_gpu_that_is_ill(
    kinds: Kinds, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = broken_while_graded(kinds, alice, on_gpu(EXERCISE), monkeypatch)
    for _ in range(5):
        deliver(submission)
    assert (submission.state, submission.tries) == (State.QUEUED, 1)
    kinds.broken.clear()
    assert deliver(submission).state == State.DONE
    assert components() == {"gpu": True}


def test_a_fault_of_the_exercise_is_no_illness(
    kinds: Kinds, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks.pipeline, "grade", lambda *_, **__: 1 / 0)
    deliver(handed_in(alice, EXERCISE))
    assert components() == {}


# --- what is refused


def start(concurrency: int) -> None:
    tasks.refuse_shared_gpu(sender=SimpleNamespace(concurrency=concurrency))


def test_a_device_has_one_child(kinds: Kinds) -> None:
    start(1)
    with pytest.raises(SystemExit, match="--concurrency=1"):
        start(2)


def test_the_queue_of_gpus_needs_one(kinds: Kinds, settings: Any) -> None:
    settings.GPU_SANDBOX = ""
    with pytest.raises(SystemExit, match="set GPU_SANDBOX"):
        start(1)


def test_other_workers_may_have_as_many_children_as_they_like(
    kinds: Kinds, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "consumed", lambda: ["default", "grading.cpu"])
    start(8)
    settings.GPU_SANDBOX = ""
    start(8)
    assert tasks.gpu_sandbox() is None
