"""The reading pages: the contents, and a page per chapter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from quizsite.accounts.models import Notice, User
from quizsite.accounts.notices import unseen
from quizsite.book import pages
from quizsite.book.models import Chapter


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    context = {"entries": pages.contents(request), "notices": _notices(request)}
    return render(request, "book/contents.html", context)


def _notices(request: HttpRequest) -> list[Notice]:
    return unseen(request.user) if isinstance(request.user, User) else []


@require_safe
def chapter(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Chapter.objects.for_page(), slug=slug)
    return render(request, "book/chapter.html", {"page": pages.chapter(request, found)})
