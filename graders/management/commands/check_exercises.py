"""``manage.py check_exercises [SLUG ...]``: is every exercise sound?

Everything random is drawn from the exercise's content, so the same content has the
same outcome; ``--fresh`` or ``--seed`` explores. Of each check it says how much of its
allowance the worst right answer used, over ``--seeds`` sets of inputs.

Exit status 0: all are; 1: some are not; 2: bad arguments; 3: our fault.
"""

from __future__ import annotations

import json
import secrets
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from exercises.spec import (
    Exercise,
    MalformedExercise,
    UnknownExercise,
    exercise_slugs,
    load_exercise,
)
from graders.errors import SystemFault
from graders.management.arguments import count, seed
from graders.sandbox.pool import opened
from graders.soundness import SEEDS, Soundness, check_exercise
from graders.stress import Strain
from quizsite.quizzes.misconceptions import unknown_tags

UNSOUND, BAD_ARGUMENTS, SYSTEM_FAULT = 1, 2, 3


class Command(BaseCommand):
    help = "Grade all known solutions of exercises and say what is unsound."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", metavar="SLUG", nargs="*")
        parser.add_argument("--json", action="store_true", help="print one JSON list")
        parser.add_argument(
            "--seeds",
            metavar="N",
            type=count,
            default=SEEDS,
            help=f"strain tolerances with N sets of inputs (default: {SEEDS})",
        )
        draws = parser.add_mutually_exclusive_group()
        draws.add_argument("--seed", type=seed, help="32 hexadecimal digits")
        draws.add_argument("--fresh", action="store_true", help="draw a new seed")

    def handle(self, *args: Any, **options: Any) -> None:
        base = secrets.token_hex(16) if options["fresh"] else options["seed"]
        exercises, results = _exercises(options["slugs"]), []
        try:
            for result in _checked(exercises, base, options["seeds"]):
                results.append(result)
                if not options["json"]:
                    self.stdout.write(_as_text(result))
        except SystemFault as fault:
            raise CommandError(str(fault), returncode=SYSTEM_FAULT) from fault
        if options["json"]:
            rows = [asdict(result) | {"ok": result.ok} for result in results]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
        if not all(result.ok for result in results):
            raise CommandError("some exercises are unsound", returncode=UNSOUND)


def _exercises(slugs: Sequence[str]) -> Sequence[Exercise]:
    try:
        return [load_exercise(slug) for slug in slugs or exercise_slugs()]
    except (UnknownExercise, MalformedExercise) as error:
        raise CommandError(str(error), returncode=BAD_ARGUMENTS) from error


def _checked(
    exercises: Iterable[Exercise], base: str | None, seeds: int
) -> Iterator[Soundness]:
    with opened(settings.SANDBOX) as sandbox, opened(settings.GPU_SANDBOX) as gpu:
        assert sandbox
        for exercise in exercises:
            result = check_exercise(exercise, sandbox, gpu, seed=base, seeds=seeds)
            strange = tuple(str(error) for error in unknown_tags([exercise]))
            yield replace(result, problems=result.problems + strange)


def _as_text(result: Soundness) -> str:
    state = "sound" if result.ok else "UNSOUND"
    trials = f"{result.gradings} trials, {result.seconds} s, seed {result.seed}"
    head = f"{result.exercise}: {state}, {trials}"
    lines = [f"  {problem}" for problem in result.problems]
    if result.untried:
        lines.append(f"  not tried, there is no GPU: {', '.join(result.untried)}")
    lines += [f"  {_strained(strain)}" for strain in result.strains]
    return "\n".join([head, *lines])


def _strained(strain: Strain) -> str:
    """One line of the table: the smallest margin of a check, and whose it is."""
    if strain.refusal or not strain.share:
        return f"{strain.check:16} {'refused' if strain.refusal else 'exact'}"
    return f"{strain.check:16} uses {strain.share:.4f} of its allowance: {strain}"
