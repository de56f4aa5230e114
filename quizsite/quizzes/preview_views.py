"""Pages for authors: the question files, and answers to look at. Staff only."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quizsite.accounts import access
from quizsite.quizzes.preview import MOST, preview, stamp_of
from quizsite.quizzes.soundness import quiz_files
from quizsite.quizzes.undecided import undecided_answers


@never_cache
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """Every quiz file there is."""
    access.require_staff(request.user)
    folders = list(quiz_files(settings.CHAPTERS_DIR))
    return render(request, "quizzes/previews.html", {"folders": folders})


@never_cache
@require_safe
def file(request: HttpRequest, folder: str) -> HttpResponse:
    """One file; htmx asks for it again and again, and gets it when it has changed."""
    access.require_staff(request.user)
    path = quiz_files(settings.CHAPTERS_DIR).get(folder)
    if path is None:
        raise Http404
    number = _number(request.GET.get("variant", "0"))
    if request.headers.get("HX-Request") and request.GET.get("stamp") == stamp_of(path):
        return HttpResponse(status=204)
    template = (
        "quizzes/preview_body.html"
        if "HX-Request" in request.headers
        else ("quizzes/preview.html")
    )
    return render(request, template, {"preview": preview(path, number)})


@never_cache
@require_safe
def undecided(request: HttpRequest) -> HttpResponse:
    """Answers that could not be compared with their key."""
    access.require_staff(request.user)
    context = {"answers": undecided_answers()}
    return render(request, "quizzes/undecided.html", context)


def _number(text: str) -> int:
    """The variant asked for; anything odd is the first."""
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MOST))
    return min(int(text), MOST) if is_number else 0
