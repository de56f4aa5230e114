"""``manage.py bench_grading``: from the click to the recorded report, and the pages.

Works in a folder of its own with a worker of its own, so it neither sees nor disturbs
the site's data; the machine should be otherwise idle.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.test import Client

from exercises.spec import ROOT, Exercise, all_exercises
from quizsite.accounts.models import User
from quizsite.lib.health import problems
from quizsite.submissions.models import Submission
from quizsite.submissions.services import submit

ALLOWED_SUBMIT_MS, ALLOWED_PAGE_MS = 250.0, 60.0  # medians
PATIENCE_S = 90.0
INSIDE = "BENCH_INSIDE"  # set in the process that has the temporary folder


@dataclass(frozen=True, slots=True)
class Row:
    """Milliseconds of one thing done several times."""

    what: str
    least: float
    median: float
    most: float
    allowed: float

    @property
    def ratio(self) -> float:
        return self.median / self.allowed


class Command(BaseCommand):
    help = "Measure submit-to-report and page times on the embedded default."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument("--times", type=int, default=15, help="of each (15)")

    def handle(self, *args: Any, as_json: bool, times: int, **options: Any) -> None:
        if not 1 <= times <= 200:
            raise CommandError("--times: between 1 and 200")
        if INSIDE not in os.environ:
            sys.exit(in_a_folder_of_its_own())
        call_command("migrate", verbosity=0)
        call_command("load_book", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        user = User.objects.create_user("bench", password=None)
        rows = list(measure_pages(user, times))
        with worker():
            rows += measure_submissions(user, times)
        self.stdout.write(to_json(rows) if as_json else to_table(rows))


def in_a_folder_of_its_own() -> int:
    with tempfile.TemporaryDirectory(prefix="quizsite-bench-") as folder:
        environment = {
            **os.environ,
            INSIDE: "1",
            "VAR_DIR": folder,
            "LOG_LEVEL": "ERROR",
        }
        for name in ("DATABASE_URL", "CELERY_BROKER_URL"):
            environment.pop(name, None)
        return subprocess.run([sys.executable, *sys.argv], env=environment).returncode


@contextmanager
def worker() -> Iterator[None]:
    argv = [sys.executable, "-m", "celery", "--app", "quizsite", "--quiet", "worker"]
    argv += ["--include", "graders.tasks", "--queues", "grading.cpu,default"]
    argv += ["--loglevel", "ERROR"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    try:
        until(lambda: not problems(), "the worker does not get ready")
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def measure_submissions(user: User, times: int) -> Iterator[Row]:
    for exercise in all_exercises():
        submit_and_wait(user, exercise)  # the first one warms the grader's caches
        took = [submit_and_wait(user, exercise) for _ in range(times)]
        yield row(f"submit → report, {exercise.slug}", took, ALLOWED_SUBMIT_MS)


def submit_and_wait(user: User, exercise: Exercise) -> float:
    source = (ROOT / exercise.slug / "reference.py").read_bytes()
    start = time.time()
    submission = submit(user=user, exercise=exercise, source=source)
    done = Submission.objects.filter(pk=submission.pk, finished_at__isnull=False)
    until(done.exists, f"no report on {exercise.slug}")
    submission.refresh_from_db()
    if submission.verdict != "accepted" or submission.finished_at is None:
        raise CommandError(f"{exercise.slug}: its reference is {submission.verdict}")
    return (submission.finished_at.timestamp() - start) * 1000


def measure_pages(user: User, times: int) -> Iterator[Row]:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    pages = ["/", "/exercises/", "/submissions/", "/courses/", "/api/v1/exercises/"]
    pages += ["/chapters/training/", "/chapters/transformer/"]
    pages += [f"/exercises/{exercise.slug}/" for exercise in all_exercises()]
    for page in pages:
        visit(client, page)
        yield row(
            f"GET {page}", [visit(client, page) for _ in range(times)], ALLOWED_PAGE_MS
        )


def visit(client: Client, page: str) -> float:
    start = time.perf_counter()
    response = client.get(page)
    took = (time.perf_counter() - start) * 1000
    if response.status_code != 200:
        raise CommandError(f"{page} answered {response.status_code}")
    return took


def until(done: Callable[[], bool], problem: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > end:
            raise CommandError(problem)
        time.sleep(0.005)


def row(what: str, took: list[float], allowed: float) -> Row:
    return Row(what, min(took), median(took), max(took), allowed)


def to_json(rows: list[Row]) -> str:
    return json.dumps([asdict(row) | {"ratio": row.ratio} for row in rows], indent=1)


def to_table(rows: list[Row]) -> str:
    head = f"{'ms':<44}{'least':>8}{'median':>8}{'most':>8}{'allowed':>9}{'ratio':>7}"
    lines = [
        f"{row.what:<44}{row.least:8.1f}{row.median:8.1f}{row.most:8.1f}"
        f"{row.allowed:9.0f}{row.ratio:7.2f}"
        for row in rows
    ]
    return "\n".join([head, *lines])
