"""What tests of regrading share: graded work, and the broker of regrades."""

from __future__ import annotations

from graders.report import CheckResult, Report
from graders.verdicts import Verdict
from quizsite.courses.services import record_submission_grade
from quizsite.submissions import regrading
from quizsite.submissions.models import Submission
from tests.factories import SubmissionFactory


class Sent:
    """The broker of regrades: which items it was told of."""

    def __init__(self) -> None:
        self.items: list[int] = []
        self.queues: list[str] = []

    def send_task(self, name: str, *, args: list[int], queue: str, retry: bool) -> None:
        assert name == "graders.chores.regrade" and retry is False
        self.items.append(args[0])
        self.queues.append(queue)


def report(verdict, score, passed=True) -> dict:
    check = CheckResult("values", "Значения", True, passed, score, 1.0, "")
    made = Report("tr_attention", verdict, score, (check,), seed="5eed")
    return made.as_json()


def graded(user, verdict="wrong_answer", score=0.0, **more) -> Submission:
    submission = SubmissionFactory(
        user=user,
        state="done",
        verdict=verdict,
        score=score,
        report=report(Verdict(verdict), score, passed=score > 0),
        **more,
    )
    record_submission_grade(submission=submission)
    return submission


def grade_next(sent, exercise, verdict=Verdict.ACCEPTED, score=1.0) -> None:
    claim = regrading.claim(item_id=sent.items[-1])
    regrading.record(
        claim=claim,
        report=report(verdict, score, passed=score > 0),
        exercise_digest=exercise.digest,
    )
