"""Taking over a guest's work, and making the first administrator."""

from __future__ import annotations

import secrets
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from quizsite.accounts.models import SetupLink, User
from quizsite.courses.services import record_attempt_grade
from quizsite.learning.encounters import note_again
from quizsite.quizzes.models import Attempt, Response


class LinkUsed(Exception):
    """The one-time link was used, or replaced by a newer one, in the meantime."""


def adopt_guest_attempts(*, user: User, guest_key: str) -> int:
    """Make a guest's attempts the user's; tells how many.

    Only rows that belong to nobody change hands, so a second call does nothing.
    """
    if not guest_key:
        return 0
    adopted = _adopt(user, guest_key)
    note_again(Response.objects.filter(attempt__in=adopted))
    return len(adopted)


@transaction.atomic
def _adopt(user: User, guest_key: str) -> list[UUID]:
    mine = Attempt.objects.select_for_update().filter(user=None, guest_key=guest_key)
    adopted = list(mine.values_list("pk", flat=True))
    mine.filter(pk__in=adopted).update(user=user, guest_key="")
    taken = Attempt.objects.filter(pk__in=adopted, user=user)
    for attempt in taken.select_related("quiz__chapter"):
        record_attempt_grade(attempt=attempt)
    return adopted


def setup_link(*, site_url: str | None = None) -> str | None:
    """A fresh one-time address that makes the administrator; older ones die.

    ``None`` once there is an administrator. Only the token's hash is kept.
    """
    if User.objects.filter(is_superuser=True).exists():
        return None
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        SetupLink.objects.filter(used_at=None).delete()
        SetupLink.objects.create(token_hash=_hash(token))
    site = (site_url or settings.SITE_URL).rstrip("/")
    return site + reverse("accounts:setup", args=[token])


def is_open(*, token: str) -> bool:
    """Whether the link still makes an administrator."""
    unused = SetupLink.objects.filter(token_hash=_hash(token), used_at=None)
    return unused.exists() and not User.objects.filter(is_superuser=True).exists()


@transaction.atomic
def create_administrator(*, token: str, username: str, password: str) -> User:
    """Use the link up.

    Raises:
        LinkUsed: somebody else was faster.
    """
    unused = SetupLink.objects.filter(token_hash=_hash(token), used_at=None)
    # Of two requests at once only one changes the row.
    if not unused.update(used_at=timezone.now()):
        raise LinkUsed
    if User.objects.filter(is_superuser=True).exists():
        raise LinkUsed
    return User.objects.create_superuser(username=username, password=password)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
