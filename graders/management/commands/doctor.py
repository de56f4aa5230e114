"""``manage.py doctor``: what is missing here, and the command that mends it.

Exit status 0: all is well; 1: something is not.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from exercises.spec import MalformedExercise, all_exercises
from graders.sandbox.doctor import diagnose
from graders.sandbox.finding import Finding
from graders.sandbox.gpu_doctor import diagnose_gpu
from quizsite.lib.health import Unwell, check_broker

MIGRATE = ".venv/bin/python manage.py migrate"


class Command(BaseCommand):
    help = "Look at everything the site needs."
    requires_system_checks = ()  # a broken setting is reported, not raised

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [
            *site_findings(),
            *diagnose(settings.SANDBOX),
            *diagnose_gpu(settings.GPU_SANDBOX),
        ]
        if options["json"]:
            rows = [asdict(finding) for finding in findings]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(map(_as_text, findings)))
        if not all(finding.ok for finding in findings):
            raise CommandError("something is missing; see above", returncode=1)


def site_findings() -> Iterator[Finding]:
    """Database, broker and exercises."""
    for look in LOOKS:
        yield look()


def _database() -> Finding:
    where = connection.vendor
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        fix = "check DATABASE_URL and that the server runs"
        return Finding("database", False, f"{where}: {error}", fix)
    if plan:
        return Finding("database", False, f"{len(plan)} migrations to apply", MIGRATE)
    return Finding("database", True, where)


def _broker() -> Finding:
    scheme = settings.CELERY_BROKER_URL.partition(":")[0]
    try:
        check_broker()
    except Unwell as unwell:
        return Finding("broker", False, f"{scheme}: {unwell}")
    return Finding("broker", True, scheme)


def _exercises() -> Finding:
    try:
        count = len(all_exercises())
    except MalformedExercise as error:
        return Finding("exercises", False, str(error), "mend the file it names")
    return Finding("exercises", count > 0, f"{count} can be read")


LOOKS: tuple[Callable[[], Finding], ...] = (_database, _broker, _exercises)


def _as_text(finding: Finding) -> str:
    mark = "PASS" if finding.ok else "FAIL"
    fix = f"\n       fix: {finding.fix}" if finding.fix else ""
    return f"{mark}  {finding.name}: {finding.detail}{fix}"
