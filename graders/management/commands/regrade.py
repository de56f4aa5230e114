"""``manage.py regrade SLUG``: grade all submissions of an exercise again.

The work is done by the site's workers, after every student's; this command waits for
it, prints who gains and who loses, and writes it down unless told not to. Exit status
0: done; 2: bad arguments; 3: it did not finish in time and goes on without us.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from exercises.spec import Exercise, MalformedExercise, UnknownExercise, load_exercise
from quizsite.submissions import regrade_decision, regrading
from quizsite.submissions.changes import Change, Summary, summary
from quizsite.submissions.models import Regrade, Stage

BAD_ARGUMENTS, UNFINISHED = 2, 3
ASK_EVERY_S = 0.5


class Command(BaseCommand):
    help = "Grade all submissions of an exercise again, and say what changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="write nothing down")
        parser.add_argument("--never-lower", action="store_true")
        parser.add_argument("--version-digest", default="", help="graded by it before")
        parser.add_argument("--timeout", type=float, default=3600, help="seconds")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        exercise = _exercise(options["slug"])
        regrade = regrading.begin(
            exercise=exercise, only_digest=options["version_digest"]
        )
        _wait(regrade, options["timeout"])
        found = summary(regrade)
        written = 0
        if not options["dry_run"]:
            never_lower = options["never_lower"]
            written = regrade_decision.commit(regrade=regrade, never_lower=never_lower)
        show = _as_json if options["json"] else _as_text
        self.stdout.write(show(regrade, found, written))


def _exercise(slug: str) -> Exercise:
    try:
        return load_exercise(slug)
    except (UnknownExercise, MalformedExercise) as error:
        raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error


def _wait(regrade: Regrade, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while regrade.stage == Stage.GRADING:
        if time.monotonic() > deadline:
            problem = (
                f"not finished in {timeout_s:g} s; it goes on: regrade {regrade.pk}"
            )
            raise CommandError(problem, returncode=UNFINISHED)
        time.sleep(ASK_EVERY_S)
        regrade.refresh_from_db()
    if regrade.stage == Stage.CANCELLED:
        raise CommandError("somebody cancelled it", returncode=UNFINISHED)


def _as_json(regrade: Regrade, found: Summary, written: int) -> str:
    row = asdict(found) | {"regrade": str(regrade.pk), "written": written}
    row["changes"] = [
        asdict(one) | {"submission_id": str(one.submission_id), "direction": kind}
        for one in found.changes
        for kind in [one.direction.value]
    ]
    return json.dumps(row, ensure_ascii=False)


def _as_text(regrade: Regrade, found: Summary, written: int) -> str:
    head = (
        f"{regrade.exercise}: {found.up} up, {found.down} down, {found.other} "
        f"other verdict, {found.same} same, {found.failed} failed"
    )
    return "\n".join([head, *map(_line, found.changes), f"{written} written"])


def _line(change: Change) -> str:
    return (
        f"  {change.direction.value:<6} {change.old_score:.0%} → {change.score:.0%}  "
        f"{change.old_verdict} → {change.verdict}  {change.student}  {change.why}"
    )
