"""``manage.py load_book``: the chapters and their quizzes, from files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from quizsite.book.services import load_chapters
from quizsite.lib.loading import DocumentErrors, LoadReport
from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes import misconceptions
from quizsite.quizzes.loading import load_quizzes


class Command(BaseCommand):
    help = "Load chapters and quizzes; a malformed file changes nothing (status 1)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", nargs="?", type=Path)

    def handle(
        self, *args: Any, directory: Path | None, verbosity: int, **options: Any
    ) -> None:
        chapters, quizzes = load(directory or settings.CHAPTERS_DIR)
        if verbosity:
            self.stdout.write(f"Главы: {chapters}")
            self.stdout.write(f"Вопросы: {quizzes}")


def load(directory: Path) -> tuple[LoadReport, LoadReport]:
    """Both or neither.

    Raises:
        CommandError: a line for every fault of the files.
    """
    try:
        if faults := misconceptions.faults():
            raise DocumentErrors(faults)
        with transaction.atomic():
            return load_chapters(directory), load_quizzes(directory)
    except (DocumentError, DocumentErrors) as error:
        raise CommandError(f"содержание не загружено\n{error}") from error
