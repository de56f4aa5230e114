"""Pages where an instructor grants single students another deadline of an exercise."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from quizsite.accounts.access import taught_assignment
from quizsite.accounts.http import SignedInRequest
from quizsite.courses.models import ItemKind
from quizsite.courses.terms import grant, revoke
from quizsite.courses.terms_forms import DeadlineForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def overrides(request: SignedInRequest, slug: str, item: str) -> HttpResponse:
    """Who was granted what, and the form that grants or changes it."""
    assignment = taught_assignment(request.user, slug, ItemKind.EXERCISE, item)
    data = request.POST if request.method == "POST" else None
    new = DeadlineForm(data, assignment=assignment)
    if data is not None and new.is_valid():
        student = new.cleaned_data["user"]
        grant(assignment=assignment, user=student, by=request.user, terms=new.granted)
        messages.success(request, _("Исключение сохранено: %s.") % student.shown_name)
        return redirect("courses:exercise_overrides", slug, item)
    context = {
        "assignment": assignment,
        "course": assignment.course,
        "new": new,
        "overrides": assignment.overrides.select_related("user", "granted_by"),
    }
    status = 422 if new.is_bound else 200
    return render(request, "courses/exercise_overrides.html", context, status=status)


@login_required
@require_POST
def drop(
    request: SignedInRequest, slug: str, item: str, override_id: int
) -> HttpResponse:
    assignment = taught_assignment(request.user, slug, ItemKind.EXERCISE, item)
    revoke(override=get_object_or_404(assignment.overrides, pk=override_id))
    messages.success(request, _("Исключение снято."))
    return redirect("courses:exercise_overrides", slug, item)
