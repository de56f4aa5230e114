"""On which terms a quiz is assigned, and what one student is granted beyond them.

A change reaches attempts that run already, and at once. It never takes time away from
them: who has less of it than they were told would be treated unfairly.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.courses.models import Assignment, Override
from quizsite.courses.rules import attempt_rules
from quizsite.quizzes.models import Attempt

NOTICE = timedelta(minutes=10)  # for who worked without a limit until now


@transaction.atomic
def save_terms(*, assignment: Assignment) -> None:
    """Store an assignment's new terms."""
    assignment.save()
    reschedule(assignment=assignment)


@transaction.atomic
def grant(
    *, assignment: Assignment, user: User, by: User, terms: Mapping[str, Any]
) -> Override:
    """Grant a student what is named in ``terms``; what is not stays for all."""
    override, _ = Override.objects.update_or_create(
        assignment=assignment, user=user, defaults={**terms, "granted_by": by}
    )
    reschedule(assignment=assignment)
    return override


@transaction.atomic
def revoke(*, override: Override) -> None:
    """Take a grant back; an attempt that runs keeps its time."""
    override.delete()


def reschedule(*, assignment: Assignment) -> None:
    """Let the deadlines of running attempts follow the terms."""
    running = Attempt.objects.select_for_update().filter(
        course=assignment.course_id,
        quiz__chapter__slug=assignment.item,
        finished_at=None,
    )
    attempts = list(running.select_related("quiz__chapter"))
    now, rules = timezone.now(), attempt_rules(attempts)
    for one in attempts:
        wanted = rules[one.pk].deadline(one.started_at)
        one.deadline = _moved(one.deadline, wanted, now)
    Attempt.objects.bulk_update(attempts, ["deadline"])


def _moved(
    old: datetime | None, new: datetime | None, now: datetime
) -> datetime | None:
    if new is None:
        return None
    return max(new, now + NOTICE) if old is None else max(old, new)
