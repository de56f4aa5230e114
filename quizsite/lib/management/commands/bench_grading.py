"""``manage.py bench_grading``: every figure the site promises, in one table.

Works in a folder of its own with a worker of its own, so it neither sees nor disturbs
the site's data; the machine should be otherwise idle. With ``--services`` it measures
on the empty PostgreSQL and the broker that ``DATABASE_URL`` and ``CELERY_BROKER_URL``
name, as ``make bench-services`` starts them.

Exit status 0: all as wanted; 1: a figure missed what is wanted, or a fault.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from quizsite.accounts.models import User
from quizsite.bench import grading, marking, pages, quizzes, sandbox
from quizsite.bench.rows import Row, to_json, to_table
from quizsite.bench.workers import worker

INSIDE = "BENCH_INSIDE"  # set in the process that has the temporary folder
BOUNDS = {"times": (1, 200), "sustained": (0, 5000), "burst": (0, 10_000)}
BOUNDS["soak"] = (0, 100_000)


class Command(BaseCommand):
    help = "Measure sandbox, grading, pages and marking; tell what is not as wanted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument("--times", type=int, default=15, help="of each (15)")
        parser.add_argument("--sustained", type=int, default=300, metavar="N")
        parser.add_argument("--burst", type=int, default=300, metavar="N")
        parser.add_argument("--soak", type=int, default=500, metavar="N")
        parser.add_argument("--exercise", default="train_adam_adamw", metavar="SLUG")
        parser.add_argument("--services", action="store_true")

    def handle(self, *args: Any, as_json: bool, services: bool, **options: Any) -> None:
        for name, (least, most) in BOUNDS.items():
            if not least <= options[name] <= most:
                raise CommandError(f"--{name}: between {least} and {most}")
        if INSIDE not in os.environ:
            sys.exit(in_a_folder_of_its_own(services))
        call_command("migrate", verbosity=0)
        call_command("load_book", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        measured = list(rows(services, **options))
        self.stdout.write(to_json(measured) if as_json else to_table(measured))
        if missed := sum(not row.ok for row in measured):
            raise CommandError(f"{missed} figures are not as wanted")


def rows(services: bool, **options: Any) -> Iterator[Row]:
    """Everything, or what depends on the services alone."""
    user = User.objects.create_user("bench", password=None)
    broker = settings.CELERY_BROKER_URL.partition(":")[0]
    label = f"{connection.vendor} + {broker}"
    if not services:
        yield from sandbox.measure(options["soak"])
        yield from pages.measure(user, options["times"])
        yield from marking.measure(options["times"])
    yield from quizzes.measure()
    with worker():
        yield from grading.idle(user, options["times"])
        if options["sustained"]:
            yield from grading.sustained(
                options["exercise"], options["sustained"], label
            )
        if options["burst"]:
            yield from grading.burst(options["exercise"], options["burst"], label)


def in_a_folder_of_its_own(services: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="quizsite-bench-") as folder:
        own = {INSIDE: "1", "VAR_DIR": folder, "LOG_LEVEL": "ERROR"}
        environment = {**os.environ, **own}
        for name in () if services else ("DATABASE_URL", "CELERY_BROKER_URL"):
            environment.pop(name, None)
        return subprocess.run([sys.executable, *sys.argv], env=environment).returncode
