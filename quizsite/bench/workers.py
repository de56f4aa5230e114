"""A worker for the time of a measurement, and waiting with a limit."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from quizsite.lib.health import problems

PATIENCE_S = 90.0


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """One as ``make serve`` starts it, with the settings' number of children."""
    argv = [sys.executable, "-m", "celery", "--app", "quizsite", "--quiet", "worker"]
    argv += ["--include", "graders.tasks", "--queues", "grading.cpu,default"]
    argv += ["--loglevel", "ERROR"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        until(lambda: not problems(), "the worker does not get ready")
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def until(
    done: Callable[[], bool],
    problem: str,
    *,
    patience_s: float = PATIENCE_S,
    every_s: float = 0.005,
) -> None:
    """Wait for it; looking costs time that what is measured could have used.

    Raises:
        CommandError: it does not come true in time.
    """
    end = time.monotonic() + patience_s
    while not done():
        if time.monotonic() > end:
            raise CommandError(problem)
        time.sleep(every_s)
