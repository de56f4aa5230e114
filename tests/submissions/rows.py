"""Rows of submissions as a test needs them, and what is in them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from graders.report import Report
from graders.verdicts import Verdict
from quizsite.submissions.models import OutboxMessage, Submission

SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return q\n"


def report(verdict=Verdict.ACCEPTED, score=1.0, **more) -> dict:
    """A worker's, with no checks in it."""
    made = Report("tr_attention", verdict, score, (), seed="00ff", **more)
    return made.as_json()


def let_lease_expire(submission: Submission) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Submission.objects.filter(pk=submission.pk).update(lease_until=past)


def message_of(submission: Submission) -> OutboxMessage:
    return OutboxMessage.objects.get(submission=submission)


def make_message_old(submission: Submission, **age) -> None:
    sent = timezone.now() - timedelta(**age)
    created = sent - timedelta(seconds=1)
    OutboxMessage.objects.filter(submission=submission).update(
        sent_at=sent, created_at=created
    )
