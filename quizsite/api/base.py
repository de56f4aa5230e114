"""What every endpoint shares."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import is_valid_path
from rest_framework.exceptions import NotFound
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from quizsite.accounts.models import User
from quizsite.api.errors import TooLarge
from quizsite.api.permissions import Scope
from quizsite.api.throttles import Guests, People


class Pages(LimitOffsetPagination):
    default_limit = 50
    max_limit = 200


class Endpoint(APIView):
    """A view whose body is bounded before anything reads it."""

    command_scope = Scope.READ  # what a token needs for anything but reading
    max_body = 1024 * 1024
    throttle_classes: list[type[BaseThrottle]] = [Guests, People]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # DRF's JSON parser knows no limit of its own.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > self.max_body:
            raise TooLarge
        super().initial(request, *args, **kwargs)


class PublicEndpoint(Endpoint):
    """Readable without an account."""

    permission_classes = [AllowAny]


def caller(request: Request) -> User:
    """Who calls an endpoint that lets no guests in."""
    assert isinstance(request.user, User)
    return request.user


class Nowhere(PublicEndpoint):
    """Whatever else is asked for under /api/."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound


class SlashRedirect(HttpResponsePermanentRedirect):
    # Unlike 301, 308 keeps a POST a POST.
    status_code = 308


def unknown_path(request: HttpRequest, rest: str) -> HttpResponseBase:
    """A problem document, or the way to the same address with its slash."""
    with_slash = f"{request.path_info}/"
    if not rest.endswith("/") and _leads_somewhere(with_slash):
        query = request.META.get("QUERY_STRING", "")
        return SlashRedirect(f"{with_slash}?{query}" if query else with_slash)
    response: HttpResponseBase = Nowhere.as_view()(request)
    return response


def _leads_somewhere(path: str) -> bool:
    match = is_valid_path(path)
    return match is not False and match.func is not unknown_path
