"""Which answer is on whose screen: soft locks that run out by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.quizzes.models import MarkingLease, Response

LASTS = timedelta(minutes=15)  # an essay is read and thought about


def take(*, response_id: int, marker: User) -> bool:
    """Whether the answer is this marker's now: it was free, theirs, or long left."""
    now = timezone.now()
    mine = MarkingLease(response_id=response_id, holder=marker, expires_at=now + LASTS)
    MarkingLease.objects.bulk_create([mine], ignore_conflicts=True)
    free = Q(holder=marker) | Q(expires_at__lte=now)
    found = MarkingLease.objects.filter(free, response=response_id)
    return bool(found.update(holder=marker, expires_at=mine.expires_at))


def take_first(*, response_ids: Iterable[int], marker: User) -> int | None:
    """The first answer that nobody else has; every other one of this marker is let go.

    So whoever walks on, or comes back in another tab, blocks one answer at most.
    """
    for response_id in response_ids:
        if take(response_id=response_id, marker=marker):
            held = MarkingLease.objects.filter(holder=marker)
            held.exclude(response=response_id).delete()
            return response_id
    return None


def release(*, response: Response, marker: User) -> None:
    MarkingLease.objects.filter(response=response, holder=marker).delete()


def held_by_others(marker: User) -> QuerySet[MarkingLease, int]:
    """The answers that others have now, by their ids."""
    running = MarkingLease.objects.filter(expires_at__gt=timezone.now())
    return running.exclude(holder=marker).values_list("response_id", flat=True)


def holder_of(response: Response, *, but: User) -> User | None:
    """Who else has the answer on their screen."""
    running = MarkingLease.objects.filter(
        response=response, expires_at__gt=timezone.now()
    )
    lease = running.exclude(holder=but).select_related("holder").first()
    return lease.holder if lease else None
