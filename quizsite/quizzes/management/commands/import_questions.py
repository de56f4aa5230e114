"""``manage.py import_questions FILE``: Moodle XML or GIFT as a ``quiz.yaml``.

The result goes to standard output or ``--output`` for an author to read, mend and put
into a chapter; nothing is loaded. What could not be carried over is told on standard
error, a line each.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quizsite.quizzes.exchange.files import brought
from quizsite.quizzes.exchange.items import Unreadable


class Command(BaseCommand):
    help = "Turn questions of Moodle XML or GIFT into a quiz.yaml to go on with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--title", default="")
        parser.add_argument("--section", type=int, default=1, metavar="N")
        parser.add_argument("--output", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            made = brought(
                file.read_bytes(),
                title=options["title"] or file.stem,
                section=options["section"],
            )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}", returncode=2) from error
        except Unreadable as error:
            raise CommandError(f"{file}: {error}", returncode=2) from error
        output: Path | None = options.get("output")
        if output is None:
            self.stdout.write(made.content)
        else:
            output.write_text(made.content, encoding="utf-8")
        for loss in made.losses:
            self.stderr.write(str(loss))
