"""Personal tokens are issued and revoked here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.api.models import ApiToken

MARK = "dlq_"  # so that a leaked token is recognised for what it is
SHOWN = len(MARK) + 6
MAX_TOKENS = 20


class TooManyTokens(Exception):
    """The person has as many usable tokens as one may have."""


def hash_token(key: bytes) -> str:
    # A token has 256 random bits: a slow hash would protect nothing more.
    return hashlib.sha256(key).hexdigest()


def issue_token(
    *, user: User, name: str, scopes: Sequence[str], days: int
) -> tuple[ApiToken, str]:
    """A new token and its key, which nobody can ever be shown again.

    Raises:
        TooManyTokens: the person must revoke one first.
    """
    if ApiToken.objects.usable().filter(user=user).count() >= MAX_TOKENS:
        raise TooManyTokens
    key = MARK + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=key[:SHOWN],
        token_hash=hash_token(key.encode()),
        scopes=sorted(scopes),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, key


def revoke_token(*, user: User, token_id: int) -> bool:
    """End one of the person's tokens; False if they have no such live token."""
    alive = ApiToken.objects.filter(user=user, pk=token_id, revoked_at__isnull=True)
    return alive.update(revoked_at=timezone.now()) == 1
