"""Telling people what happened to their work while they were away."""

from __future__ import annotations

from django.utils import timezone

from quizsite.accounts.models import Notice, User

SHOWN = 20


def notify(*, user_id: int, text: str, address: str = "") -> Notice:
    """Keep a notice until its reader has seen it."""
    return Notice.objects.create(user_id=user_id, text=text, address=address)


def unseen(user: User) -> list[Notice]:
    """The newest that were not seen yet."""
    return list(Notice.objects.filter(user=user, seen_at=None)[:SHOWN])


def mark_seen(*, user: User) -> int:
    """All of a person's notices have been read."""
    waiting = Notice.objects.filter(user=user, seen_at=None)
    return waiting.update(seen_at=timezone.now())
