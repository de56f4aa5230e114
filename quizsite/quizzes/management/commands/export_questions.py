"""``manage.py export_questions CHAPTER --format moodle|gift``: for another system.

The file goes to standard output or ``--output``; what the format cannot say is told
on standard error, a line each.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes.exchange import FORMATS
from quizsite.quizzes.exchange.files import exported
from quizsite.quizzes.soundness import quiz_files

MOST_VARIANTS = 200


class Command(BaseCommand):
    help = "Write a chapter's questions as Moodle XML or GIFT."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chapter", metavar="CHAPTER")
        parser.add_argument("--format", choices=FORMATS, default="moodle")
        parser.add_argument("--variants", type=int, default=1, metavar="N")
        parser.add_argument("--output", type=Path)

    def handle(
        self,
        *args: Any,
        chapter: str,
        variants: int,
        output: Path | None,
        **options: Any,
    ) -> None:
        if not 1 <= variants <= MOST_VARIANTS:
            raise CommandError(f"--variants: от 1 до {MOST_VARIANTS}", returncode=2)
        files = quiz_files(settings.CHAPTERS_DIR)
        found = [f for name, f in files.items() if chapter in (name, name[3:])]
        if not found:
            problem = f"нет квиза {chapter}; есть {', '.join(files)}"
            raise CommandError(problem, returncode=2)
        try:
            made = exported(found[0], to=options["format"], variants=variants)
        except DocumentError as error:
            raise CommandError(str(error)) from error
        if output is None:
            self.stdout.write(made.content)
        else:
            output.write_text(made.content, encoding="utf-8")
        for loss in made.losses:
            self.stderr.write(str(loss))
