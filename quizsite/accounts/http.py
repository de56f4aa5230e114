"""The request of somebody who has signed in."""

from __future__ import annotations

from django.http import HttpRequest

from quizsite.accounts.models import User


class SignedInRequest(HttpRequest):
    """Behind ``login_required``; tells the reader and mypy who may call."""

    user: User
