"""The reading pages: the contents, and a page per chapter."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from quizsite.book import pages
from quizsite.book.models import Chapter


@require_safe
def contents(request: HttpRequest) -> HttpResponse:
    return render(request, "book/contents.html", {"entries": pages.contents(request)})


@require_safe
def chapter(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Chapter.objects.for_page(), slug=slug)
    return render(request, "book/chapter.html", {"page": pages.chapter(request, found)})
