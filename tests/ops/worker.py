"""A real Celery worker beside the tests, on the test database and broker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from django.db import connection


def _test_database_url() -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))


@contextmanager
def running_worker() -> Iterator[subprocess.Popen[str]]:
    """Yield a worker once it says that it is ready; end it and its sandbox after.

    SQLite's test database lives in memory, where no other process can look: use this
    only in tests marked ``services`` or ``browser``.
    """
    argv = [sys.executable, "-m", "celery", "--app", "quizsite", "worker"]
    argv += ["--include", "graders.tasks", "--queues", "grading.cpu,default"]
    argv += ["--concurrency", "1", "--loglevel", "INFO"]
    environment = {**os.environ, "DATABASE_URL": _test_database_url()}
    environment["LOG_LEVEL"] = "DEBUG"  # heartbeats are logged too
    process = subprocess.Popen(
        argv,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        await_line(process, " ready.")
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=15)  # also empties the pipe
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def await_line(process: subprocess.Popen[str], *parts: str) -> str:
    """The worker's next line of output that contains all of ``parts``."""
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line)
        if all(part in line for part in parts):
            return line
    raise AssertionError(f"the worker ended without {parts}:\n" + "".join(seen))
