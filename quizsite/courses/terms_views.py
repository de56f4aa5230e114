"""Pages where an instructor sets a quiz's terms and grants exceptions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from quizsite.accounts.access import taught_assignment
from quizsite.accounts.http import SignedInRequest
from quizsite.courses.models import Assignment, ItemKind
from quizsite.courses.terms import grant, revoke, save_terms
from quizsite.courses.terms_forms import OverrideForm, TermsForm
from quizsite.quizzes.models import Quiz
from quizsite.quizzes.services import current_versions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: SignedInRequest, slug: str, item: str) -> HttpResponse:
    assignment = taught_assignment(request.user, slug, ItemKind.QUIZ, item)
    data = request.POST if request.method == "POST" else None
    form = _terms_form(assignment, data)
    if data is not None and form.is_valid():
        save_terms(assignment=form.terms())
        messages.success(request, _("Условия сохранены."))
        return redirect("courses:terms", slug, item)
    return _page(request, assignment, form, OverrideForm(assignment=assignment))


def _terms_form(assignment: Assignment, data: object = None) -> TermsForm:
    quiz = get_object_or_404(Quiz, chapter__slug=assignment.item)
    versions = list(current_versions(quiz))
    return TermsForm(data, instance=assignment, versions=versions)


def _page(
    request: SignedInRequest, assignment: Assignment, form: TermsForm, new: OverrideForm
) -> HttpResponse:
    context = {"form": form, **overrides_of(assignment, new)}
    status = 422 if form.is_bound or new.is_bound else 200
    return render(request, "courses/terms.html", context, status=status)


@login_required
@require_POST
def override(request: SignedInRequest, slug: str, item: str) -> HttpResponse:
    """Grant a student something, or change what was granted."""
    assignment = taught_assignment(request.user, slug, ItemKind.QUIZ, item)
    new = OverrideForm(request.POST, assignment=assignment)
    if not new.is_valid():
        return _page(request, assignment, _terms_form(assignment), new)
    granted(request, assignment, new)
    return redirect("courses:terms", slug, item)


@login_required
@require_POST
def drop_override(
    request: SignedInRequest, slug: str, item: str, override_id: int
) -> HttpResponse:
    assignment = taught_assignment(request.user, slug, ItemKind.QUIZ, item)
    dropped(request, assignment, override_id)
    return redirect("courses:terms", slug, item)


# --- whatever is assigned -----------------------------------------------------------


def granted(
    request: SignedInRequest, assignment: Assignment, new: OverrideForm
) -> None:
    """Grant what a valid form says, and say so."""
    student = new.cleaned_data["user"]
    grant(assignment=assignment, user=student, by=request.user, terms=new.granted)
    messages.success(request, _("Исключение сохранено: %s.") % student.shown_name)


def dropped(request: SignedInRequest, assignment: Assignment, override_id: int) -> None:
    """Take back what was granted, and say so.

    Raises:
        Http404: this assignment has no such exception.
    """
    revoke(override=get_object_or_404(assignment.overrides, pk=override_id))
    messages.success(request, _("Исключение снято."))


def overrides_of(assignment: Assignment, new: OverrideForm) -> dict[str, object]:
    """What the part of a page shows on which exceptions are granted."""
    return {
        "assignment": assignment,
        "course": assignment.course,
        "new": new,
        "overrides": assignment.overrides.select_related("user", "granted_by"),
    }
