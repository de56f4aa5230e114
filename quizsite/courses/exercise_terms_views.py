"""Pages where an instructor grants single students another deadline of an exercise."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from quizsite.accounts.access import taught_assignment
from quizsite.accounts.http import SignedInRequest
from quizsite.courses.models import ItemKind
from quizsite.courses.terms_forms import DeadlineForm
from quizsite.courses.terms_views import dropped, granted, overrides_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def overrides(request: SignedInRequest, slug: str, item: str) -> HttpResponse:
    """Who was granted what, and the form that grants or changes it."""
    assignment = taught_assignment(request.user, slug, ItemKind.EXERCISE, item)
    data = request.POST if request.method == "POST" else None
    new = DeadlineForm(data, assignment=assignment)
    if data is not None and new.is_valid():
        granted(request, assignment, new)
        return redirect("courses:exercise_overrides", slug, item)
    context = overrides_of(assignment, new)
    status = 422 if new.is_bound else 200
    return render(request, "courses/exercise_overrides.html", context, status=status)


@login_required
@require_POST
def drop(
    request: SignedInRequest, slug: str, item: str, override_id: int
) -> HttpResponse:
    assignment = taught_assignment(request.user, slug, ItemKind.EXERCISE, item)
    dropped(request, assignment, override_id)
    return redirect("courses:exercise_overrides", slug, item)
