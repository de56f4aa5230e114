"""``manage.py regrade_question CHAPTER QUESTION``: after its key was mended.

Load the mended file first. Prints who would change, and writes it down unless told not
to. Exit status 0: done; 2: bad arguments.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from quizsite.quizzes.models import Question
from quizsite.quizzes.regrading import begin, cancel, commit, summary

BAD_ARGUMENTS = 2


class Command(BaseCommand):
    help = "Mark finished answers to a question again by its newest version."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chapter", metavar="CHAPTER")
        parser.add_argument("question", metavar="QUESTION")
        parser.add_argument("--dry-run", action="store_true", help="write nothing down")
        parser.add_argument("--never-lower", action="store_true")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        question = Question.objects.filter(
            quiz__chapter__slug=options["chapter"], slug=options["question"]
        ).first()
        if question is None:
            problem = f"нет вопроса {options['question']} в главе {options['chapter']}"
            raise CommandError(problem, returncode=BAD_ARGUMENTS)
        regrade = begin(question=question)
        found = summary(regrade)
        if options["dry_run"]:
            cancel(regrade=regrade)
            written = 0
        else:
            written = commit(regrade=regrade, never_lower=options["never_lower"])
        row = {**asdict(found), "written": written}
        text = ", ".join(f"{name} {value}" for name, value in row.items())
        self.stdout.write(json.dumps(row) if options["json"] else text)
