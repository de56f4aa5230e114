"""Submissions with a report, and the page that shows it."""

from __future__ import annotations

from django.utils import timezone

from graders.report import CheckResult, Report
from graders.verdicts import Verdict
from quizsite.lib.storable import storable
from tests.factories import SubmissionFactory

WORST = {"index": [0, 2], "expected": 0.5, "actual": 1.75, "error": 1.25}
WORST |= {"relative_error": 2.5, "allowance": 1e-7, "mismatched": 3, "compared": 4}
VALUES = {"difference": "values", "worst": WORST}
HEAT_MAP = {
    "index": [1, None, None],
    "axes": [1, 2],
    "size": [2, 2],
    "cell": [1, 1],
    "bounds": [10.0, 100.0, 1000.0],
    "levels": ["00", "04"],
    "worst": [1, 1],
}


def graded(user, verdict=Verdict.WRONG_ANSWER, score=0.4, checks=(), **more):
    made = Report("tr_attention", verdict, score, checks, seed="5eed", **more)
    mistake = more.get("mistake")
    return SubmissionFactory(
        user=user,
        state="done",
        verdict=verdict,
        score=score,
        mistake=mistake.id if mistake else "",
        finished_at=timezone.now(),
        report=storable(made.as_json()),
    )


def check(**more) -> CheckResult:
    values = {"name": "values", "title": "Значения", "public": True, "passed": False}
    values |= {"points": 0.0, "max_points": 1.5, "message": "Не совпали."}
    return CheckResult(**values | more)


def page_of(client, submission, tail="") -> str:
    response = client.get(submission.get_absolute_url() + tail)
    assert response.status_code == 200
    return response.content.decode()
