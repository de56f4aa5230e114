"""Who calls: the holder of a personal token, ``Authorization: Bearer dlq_…``."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from quizsite.accounts.models import User
from quizsite.api.models import ApiToken
from quizsite.api.services import hash_token

USE_NOTED_EVERY = timedelta(minutes=1)


class InvalidToken(AuthenticationFailed):
    """One message for unknown, expired and revoked: a guess learns nothing."""

    default_detail = _("Токен неизвестен, отозван или истёк.")
    default_code = "invalid_token"


class TokenAuthentication(BaseAuthentication):
    """Personal tokens; without the header the next way of signing in is tried."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, key = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        token = _find(key.strip())
        _note_use(token)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _find(key: bytes) -> ApiToken:
    tokens = ApiToken.objects.usable().select_related("user")
    token = tokens.filter(token_hash=hash_token(key)).first()
    if token is None:
        raise InvalidToken
    return token


def _note_use(token: ApiToken) -> None:
    """Keep ``last_used_at`` right to a minute, not a write for every request."""
    now = timezone.now()
    if token.last_used_at and token.last_used_at > now - USE_NOTED_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
