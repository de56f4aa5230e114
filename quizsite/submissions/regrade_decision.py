"""What becomes of a regrade that is done: written down, or called off."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from graders.verdicts import Blame, Verdict
from quizsite.courses.services import record_regrade
from quizsite.learning.encounters import note_submission_again
from quizsite.submissions.models import Regrade, Regrading, Stage, State, Submission

NOT_THEIRS = [v for v in Verdict if v.blame in (Blame.EXERCISE, Blame.SYSTEM)]


def commit(*, regrade: Regrade, never_lower: bool = False) -> int:
    """Write the new reports down; how many submissions that changed.

    A submission that has changed since it was graded aside stays as it is, and so
    does one whose regrading failed through no fault of the student's.
    """
    with transaction.atomic():
        ready = Regrade.objects.filter(pk=regrade.pk, stage=Stage.READY)
        now = timezone.now()
        values = {"stage": Stage.COMMITTED, "committed_at": now}
        if not ready.update(**values, never_lower=never_lower):
            return 0
        items = regrade.items.exclude(verdict__in=NOT_THEIRS)
        if never_lower:
            items = items.filter(score__gte=F("old_score"))
        chosen = list(items.values_list("pk", flat=True))
        return sum(_apply(regrade, item_id) for item_id in chosen)


def _apply(regrade: Regrade, item_id: int) -> bool:
    item = Regrading.objects.get(pk=item_id)
    assert item.report is not None
    mistake = item.report.get("mistake")
    unchanged = Submission.objects.filter(
        pk=item.submission_id,
        state=State.DONE,
        verdict=item.old_verdict,
        score=item.old_score,
    )
    applied = unchanged.update(
        verdict=item.verdict,
        score=item.score,
        mistake=mistake["id"] if mistake else "",
        report=item.report,
        exercise_digest=regrade.exercise_digest,
    )
    if applied:
        Regrading.objects.filter(pk=item.pk).update(committed=True)
        submission = Submission.objects.get(pk=item.submission_id)
        record_regrade(submission=submission)
        note_submission_again(submission=submission)
    return bool(applied)


def cancel(*, regrade: Regrade) -> bool:
    """Leave everything as it was."""
    is_open = Regrade.objects.filter(
        pk=regrade.pk, stage__in=[Stage.GRADING, Stage.READY]
    )
    return bool(is_open.update(stage=Stage.CANCELLED, finished_at=timezone.now()))
