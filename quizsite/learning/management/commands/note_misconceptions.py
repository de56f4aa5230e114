"""``manage.py note_misconceptions``: what earlier answers and submissions show.

The ledger is written as answers are marked. This writes it for those that were marked
before there was one, and anew after a change of the vocabulary; as often as you like.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from quizsite.learning.encounters import note_again, note_submission_again
from quizsite.quizzes.models import Response
from quizsite.submissions.models import State, Submission


class Command(BaseCommand):
    help = "Note the misconceptions of all answers and submissions anew."

    def handle(self, *args: Any, **options: Any) -> None:
        answers = note_again(
            Response.objects.filter(attempt__user__isnull=False, mark__isnull=False)
        )
        graded = Submission.objects.filter(state=State.DONE).order_by("pk")
        submissions = 0
        for submission in graded.iterator(chunk_size=500):
            note_submission_again(submission=submission)
            submissions += 1
        self.stdout.write(f"{answers} answers and {submissions} submissions")
