"""Who has the device, and how its memory is watched from outside; no GPU is needed."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from graders.errors import SandboxUnavailable
from graders.sandbox import nvml
from graders.sandbox.gpu import Gpu
from graders.sandbox.gpu_sandbox import LEFT_MB, SLACK_MB, GpuSandbox
from graders.sandbox.session import Failure, Job, Outcome, RunnerLimits

CARD = Gpu(1, "GPU-5a1c", "NVIDIA L4")


class Card:
    """A meter that is told what to read, and a library that is told what to say."""

    def __init__(self, *readings: int | None) -> None:
        self.readings = list(readings)

    def used_mb(self) -> int | None:
        return self.readings.pop(0) if len(self.readings) > 1 else self.readings[0]


class Fork:
    """A runner of a container with a GPU, as far as the watch can tell."""

    def __init__(self, outcome: Outcome, facts: dict[str, Any]) -> None:
        self.outcome, self.alive = outcome, True
        self.container = SimpleNamespace(facts=facts)
        self.job = Job("", None, (), RunnerLimits(device_mb=1000))

    def load(self) -> Outcome:
        return Outcome()

    def run(self, inputs: Any, **_: Any) -> Outcome:
        return self.outcome

    def end(self) -> None:
        self.alive = False


class Forks:
    process_id = 7

    def __init__(self, outcome: Outcome | None = None, **facts: Any) -> None:
        self.fork = Fork(outcome or Outcome(), {"gpu": True, "cuda": "13.0", **facts})
        self.closed = False

    @contextmanager
    def runner(self, job: Job) -> Iterator[Any]:
        yield self.fork

    def close(self) -> None:
        self.closed = True


JOB = Job("", None, ())


def asked(forks: Forks, card: Card) -> Outcome:
    """Load and ask once."""
    with GpuSandbox(forks, 0, card).runner(JOB) as runner:
        assert runner.load().ok
        return runner.run({})


def test_an_answer_is_passed_on() -> None:
    forks = Forks(Outcome(value=7))
    assert asked(forks, Card(400, 400, 1400 + SLACK_MB)).value == 7
    assert forks.fork.alive


def test_more_memory_than_was_bounded_ends_the_runner() -> None:
    forks = Forks(Outcome(value=7))
    outcome = asked(forks, Card(400, 400, 1401 + SLACK_MB))
    assert (outcome.failure, outcome.value) == (Failure.MEMORY, None)
    assert not forks.fork.alive


def test_where_nobody_can_tell_it_is_not_held_against_anybody() -> None:
    assert asked(Forks(), Card(None)).ok


def test_a_fault_of_the_device_ends_the_runner_but_not_the_submission() -> None:
    forks = Forks(Outcome(failure=Failure.RAISED, error_type="AcceleratorError"))
    assert asked(forks, Card(400)).failure is Failure.RAISED
    assert not forks.fork.alive


def test_an_ordinary_exception_does_not() -> None:
    forks = Forks(Outcome(failure=Failure.RAISED, error_type="ValueError"))
    assert asked(forks, Card(400)).failure is Failure.RAISED
    assert forks.fork.alive


def test_memory_that_outlives_a_runner_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox = GpuSandbox(Forks(), 3, Card(400, 400 + LEFT_MB, 401 + LEFT_MB))
    caplog.set_level(logging.WARNING)
    for noted in (0, 0, 1):
        with sandbox.runner(JOB):
            assert caplog.text.count("GPU 3: 657 MB are in use") == noted


@pytest.mark.parametrize("facts", [{"gpu": False}, {"cuda": None}])
def test_a_container_without_a_device_grades_nothing(facts: dict[str, Any]) -> None:
    with pytest.raises(SandboxUnavailable, match="sees no GPU"):
        asked(Forks(**facts), Card(400))


def test_a_device_has_one_runner_at_a_time() -> None:
    sandbox = GpuSandbox(Forks(), 0, Card(400))
    with (
        sandbox.runner(JOB),
        pytest.raises(AssertionError, match="one runner at a time"),
        sandbox.runner(JOB),
    ):
        pass
    with sandbox.runner(JOB) as runner:
        assert runner.alive


def test_the_rest_is_the_inner_sandboxs() -> None:
    forks = Forks()
    sandbox = GpuSandbox(forks, 0, Card(400))
    assert sandbox.process_id == 7
    sandbox.close()
    assert forks.closed


# --- the management library


class Library:
    """``libnvidia-ml``, of a device with 640 MB in use."""

    def __init__(self, refused: str = "") -> None:
        self.refused = refused
        self.found: list[object] = []

    def nvmlInit_v2(self) -> int:
        return int(self.refused == "init")

    def nvmlDeviceGetHandleByUUID(self, uuid: bytes, handle: Any) -> int:
        self.found.append(uuid)
        return int(self.refused == "find")

    def nvmlDeviceGetHandleByIndex_v2(self, number: Any, handle: Any) -> int:
        self.found.append(number.value)
        return int(self.refused == "find")

    def nvmlDeviceGetMemoryInfo(self, handle: Any, memory: Any) -> int:
        memory._obj.used = 640 << 20
        return int(self.refused == "memory")


@pytest.mark.parametrize(
    ("card", "found"), [(CARD, b"GPU-5a1c"), (Gpu(2), 2)], ids=["by name", "by number"]
)
def test_the_memory_in_use_is_read(
    monkeypatch: pytest.MonkeyPatch, card: Gpu, found: object
) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    assert nvml.Meter(card).used_mb() == 640
    assert library.found == [found]


@pytest.mark.parametrize("refused", ["init", "find", "memory"])
def test_a_refusal_is_no_reading(monkeypatch: pytest.MonkeyPatch, refused: str) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library(refused))
    assert nvml.Meter(CARD).used_mb() is None


def test_without_the_library_there_is_no_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    assert nvml.Meter(CARD).used_mb() is None


def test_after_a_fork_the_library_is_opened_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda name: library)
    meter = nvml.Meter(CARD)
    meter.used_mb()
    meter.used_mb()
    assert len(library.found) == 1
    monkeypatch.setattr(os, "getpid", lambda: 1)
    meter.used_mb()
    assert len(library.found) == 2
