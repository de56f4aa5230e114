"""A real Celery worker beside the tests, on the test database and broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

PATIENCE_S = 60.0


def until(condition: Callable[[], object], problem: str, every_s: float = 0.02) -> None:
    """Wait for what another process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, problem
        time.sleep(every_s)


def children(pid: int) -> list[int]:
    """Of every thread of a process; none if it has ended."""
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    """The nearer first."""
    found = children(pid)
    return found + [below for child in found for below in descendants(child)]


@dataclass(frozen=True)
class Worker:
    """A running worker; what it says goes to a file, which never blocks it."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def has_said(self, *parts: str) -> bool:
        lines = self.log.read_text(errors="replace").splitlines()
        return any(all(part in line for part in parts) for line in lines)

    def await_line(self, *parts: str) -> None:
        """Wait until some line of its log, old or new, contains all of ``parts``."""
        until(lambda: self.has_said(*parts) or self.process.poll() is not None, "")
        assert self.has_said(*parts), f"no {parts} in the log:\n{self.log.read_text()}"

    def kill(self) -> None:
        """End it and its children in the middle of whatever they do."""
        os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


def tests_database_url() -> str:
    """For another process that is to work on the tests' own database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


@contextmanager
def running_worker(concurrency: int = 1, **environment: str) -> Iterator[Worker]:
    """Yield a worker once it says that it is ready; end it and its sandbox after.

    SQLite's test database lives in memory, where no other process can look: use this
    only in tests marked ``services`` or ``browser``.
    """
    argv = [sys.executable, "-m", "celery", "--app", "quizsite", "worker"]
    argv += ["--include", "graders.tasks", "--queues", "grading.cpu,default"]
    argv += ["--concurrency", str(concurrency), "--loglevel", "INFO"]
    environment = {
        **os.environ,
        # Not the tests' own: connections are kept, as in production.
        "DJANGO_SETTINGS_MODULE": "quizsite.settings",
        "DATABASE_URL": tests_database_url(),
        "LOG_LEVEL": "DEBUG",  # heartbeats are logged too
        **environment,
    }
    with tempfile.NamedTemporaryFile(prefix="worker-", suffix=".log") as log:
        process = subprocess.Popen(
            argv,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        worker = Worker(process, Path(log.name))
        try:
            worker.await_line(" ready.")
            yield worker
        except AssertionError as error:
            error.add_note(f"the worker's log:\n{worker.log.read_text()[-6000:]}")
            raise
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
