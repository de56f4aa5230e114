"""``manage.py grade SLUG FILE``: what the site would say of this solution.

Exit status 0: a report was made, whatever the verdict; 2: bad arguments; 3: our fault.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exercises.spec import Exercise, MalformedExercise, UnknownExercise, load_exercise
from graders.errors import SystemFault
from graders.intake import IntakeError, read_upload
from graders.management.arguments import seed
from graders.pipeline import grade
from graders.refusal import Refusal, refused
from graders.report import Report
from graders.sandbox.pool import opened
from graders.verdicts import Verdict

BAD_ARGUMENTS, SYSTEM_FAULT = 2, 3
KEYS = (
    "exercise",
    "verdict",
    "blame",
    "score",
    "mistake",
    "timing_ms",
    "seed",
    "message",
)
CHECK_KEYS = ("name", "public", "passed", "points", "max_points", "message")


class Command(BaseCommand):
    help = "Grade one solution in the sandbox and print the report."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--seed", type=seed, help="32 hexadecimal digits")

    def handle(self, *args: Any, **options: Any) -> None:
        exercise = _exercise(options["slug"])
        data = _content(options["file"])
        try:
            report = _graded(exercise, data, options["file"].name, options["seed"])
        except SystemFault as fault:
            raise CommandError(str(fault), returncode=SYSTEM_FAULT) from fault
        show = _as_json if options["json"] else _as_text
        self.stdout.write(show(report))


def _exercise(slug: str) -> Exercise:
    try:
        return load_exercise(slug)
    except (UnknownExercise, MalformedExercise) as error:
        raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error


def _graded(exercise: Exercise, data: bytes, name: str, seed: str | None) -> Report:
    """A file that is no submission makes a report too, as it would on the site."""
    try:
        intake = read_upload(data, name, exercise.requires)
    except IntakeError as error:
        refusal = Refusal(Verdict.CONTRACT_ERROR, str(error))
        return refused(exercise, refusal, seed or "", {})
    with opened(settings.SANDBOX) as sandbox, opened(settings.GPU_SANDBOX) as gpu:
        assert sandbox
        return grade(
            intake.source, exercise, sandbox, gpu, seed=seed, fragments=intake.fragments
        )


def _as_json(report: Report) -> str:
    full = report.as_json()
    shown = {key: full[key] for key in KEYS}
    shown["checks"] = [{key: c[key] for key in CHECK_KEYS} for c in full["checks"]]
    return json.dumps(shown, ensure_ascii=False)


def _as_text(report: Report) -> str:
    lines = [f"{report.exercise}: {report.verdict.value}, {report.score:.0%}"]
    lines += [report.message, report.staff_note, report.traceback or ""]
    for check in report.checks:
        mark = "+" if check.passed else "-"
        points = f"{check.points:g}/{check.max_points:g}"
        lines.append(f"  {mark} {points:>5}  {check.title}: {check.message}")
    if report.mistake:
        lines.append(f"{report.mistake.id}: {report.mistake.hint}")
    return "\n".join(filter(None, [*lines, f"seed {report.seed}"]))
