"""``manage.py check_questions [CHAPTER ...]``: is every question sound?

Exit status 0: all are (there may be warnings); 1: some are not; 2: bad arguments.
With ``--watch`` it goes on and checks each file again when it changes, until Ctrl-C;
the pages under «Предпросмотр вопросов» show the same files as a reader sees them.
"""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from quizsite.quizzes.soundness import VARIANTS, Soundness, check_file, quiz_files

UNSOUND, BAD_ARGUMENTS = 1, 2
MOST_VARIANTS = 10_000
POLL_S = 0.5


class Command(BaseCommand):
    help = "Draw many variants of every question and say what is unsound."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chapters", metavar="CHAPTER", nargs="*")
        parser.add_argument("--variants", type=int, default=VARIANTS, metavar="N")
        parser.add_argument("--json", action="store_true", help="print one JSON list")
        parser.add_argument(
            "--watch", action="store_true", help="check again on change"
        )
        parser.add_argument("--directory", type=Path, default=settings.CHAPTERS_DIR)

    def handle(self, *args: Any, variants: int, watch: bool, **options: Any) -> None:
        if not 1 <= variants <= MOST_VARIANTS:
            problem = f"--variants: от 1 до {MOST_VARIANTS}"
            raise CommandError(problem, returncode=BAD_ARGUMENTS)
        paths = _chosen(quiz_files(options["directory"]), options["chapters"])
        if watch:
            self._watch(paths, variants)
            return
        results = [check_file(path, variants) for path in paths]
        self.stdout.write(
            as_json(results) if options["json"] else "\n".join(map(text, results))
        )
        if not all(result.ok for result in results):
            raise CommandError("есть негодные вопросы", returncode=UNSOUND)

    def _watch(self, paths: Sequence[Path], variants: int) -> None:
        self.stdout.write("Слежу за файлами; закончить — Ctrl-C.")
        try:
            for path in changed(paths):
                self.stdout.write(text(check_file(path, variants)))
        except KeyboardInterrupt:
            self.stdout.write("")


def _chosen(files: Mapping[str, Path], chapters: Sequence[str]) -> list[Path]:
    """Named by folder, or by its part after the number; none named: all.

    Raises:
        CommandError: there is no such quiz.
    """
    folders = {name.partition("-")[2]: name for name in files}
    unknown = [one for one in chapters if one not in {*files, *folders}]
    if unknown:
        problem = f"нет квиза {', '.join(unknown)}; есть {', '.join(files)}"
        raise CommandError(problem, returncode=BAD_ARGUMENTS)
    return [files[folders.get(one, one)] for one in chapters or files]


def changed(paths: Sequence[Path]) -> Iterator[Path]:
    """Every file at once, then each again when its time of change is another."""
    seen: dict[Path, int] = {}
    while True:
        for path in paths:
            stamp = path.stat().st_mtime_ns if path.exists() else 0
            if seen.get(path) != stamp:
                seen[path] = stamp
                yield path
        time.sleep(POLL_S)


def text(result: Soundness) -> str:
    state = "всё в порядке" if result.ok else "ЕСТЬ ОШИБКИ"
    name = result.path.parent.name
    head = f"{name}: вопросов {result.questions}, вариантов {result.variants}: {state}"
    return "\n".join([head, *(f"  {finding}" for finding in result.findings)])


def as_json(results: Sequence[Soundness]) -> str:
    rows = [
        {
            "path": str(result.path),
            "questions": result.questions,
            "variants": result.variants,
            "ok": result.ok,
            "findings": [finding.as_json() for finding in result.findings],
        }
        for result in results
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)
