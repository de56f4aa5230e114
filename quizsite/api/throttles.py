"""How often one may call; counted in the cache of each web process."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle


class Guests(AnonRateThrottle):
    scope = "guests"
    rate = "60/min"


class People(UserRateThrottle):
    scope = "people"
    rate = "300/min"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not request.user.is_authenticated:
            return None
        return super().get_cache_key(request, view)


class Checking(UserRateThrottle):
    """For what costs the site's own time: reading somebody's file."""

    scope = "checking"
    rate = "30/min"

    @classmethod
    def permits(cls, request: HttpRequest) -> bool:
        """The same question for a page."""
        return cls().allow_request(request, None)  # type: ignore[arg-type]


class Sending(UserRateThrottle):
    """For what costs a grader's time."""

    scope = "sending"
    rate = "30/min"

    def allow_request(self, request: Request, view: Any) -> bool:
        return request.method in SAFE_METHODS or super().allow_request(request, view)
