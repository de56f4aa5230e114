"""Submissions with a report, and the page that shows it."""

from __future__ import annotations

from django.utils import timezone

from graders.report import CheckResult, Report
from graders.verdicts import Verdict
from quizsite.lib.storable import storable
from tests.factories import SubmissionFactory


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
