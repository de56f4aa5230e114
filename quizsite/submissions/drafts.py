"""Code a guest handed in before signing in, kept in the session until it is sent."""

from __future__ import annotations

from django.http import HttpRequest

KEY = "exercise_drafts"


def keep(request: HttpRequest, slug: str, source: str) -> None:
    request.session[KEY] = request.session.get(KEY, {}) | {slug: source}


def kept(request: HttpRequest, slug: str) -> str:
    return str(request.session.get(KEY, {}).get(slug, ""))


def forget(request: HttpRequest, slug: str) -> None:
    drafts = request.session.get(KEY, {})
    if drafts.pop(slug, None) is not None:
        request.session[KEY] = drafts
