"""«Мои знания»: a reader's own pages, and the start of a review."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from quizsite.accounts.models import User
from quizsite.learning import pages
from quizsite.learning.ledger import ledger_of
from quizsite.learning.places import located
from quizsite.learning.starting import NothingDue, start_review
from quizsite.quizzes.models import Quiz


@never_cache
@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The visitor's own; there is no address for anybody else's."""
    assert isinstance(request.user, User)
    page = pages.overview(request.user)
    return render(request, "learning/overview.html", {"page": page})


@never_cache
@require_safe
@login_required
def misconceptions(request: HttpRequest) -> HttpResponse:
    """All that the visitor has mixed up, and what of it is overcome."""
    assert isinstance(request.user, User)
    listed = located(ledger_of(request.user))
    context = {
        "open": [one for one in listed if not one.entry.overcome],
        "overcome": [one for one in listed if one.entry.overcome],
    }
    return render(request, "learning/misconceptions.html", context)


@require_POST
@login_required
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """Start, or go on with, the day's questions of one chapter."""
    assert isinstance(request.user, User)
    quiz = get_object_or_404(Quiz, chapter__slug=slug)
    try:
        return redirect(start_review(user=request.user, quiz=quiz))
    except NothingDue:
        messages.info(request, _("Сегодня в этой главе повторять нечего."))
        return redirect("learning:overview")
