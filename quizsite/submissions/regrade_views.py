"""Pages of regrades, for those who run the site."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from exercises.spec import all_exercises, load_exercise
from quizsite.accounts.access import require_staff, visible_regrade
from quizsite.accounts.http import SignedInRequest
from quizsite.lib.plural import plural_here
from quizsite.submissions import regrade_decision, regrading
from quizsite.submissions.changes import summary
from quizsite.submissions.models import Regrade, Stage

PAGE_SIZE = 30
ROWS_PER_PAGE = 100


class RegradeForm(forms.Form):
    exercise = forms.ChoiceField(label=gettext_lazy("Задание"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(one.slug, one.title) for one in all_exercises()]
        self.fields["exercise"].choices = choices  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def regrades(request: SignedInRequest) -> HttpResponse:
    """All regrades, and the form that starts one."""
    require_staff(request.user)
    form = RegradeForm(request.POST or None, initial=request.GET.dict())
    if form.is_valid():
        exercise = load_exercise(form.cleaned_data["exercise"])
        return redirect(regrading.begin(exercise=exercise, requested_by=request.user))
    found = Regrade.objects.select_related("requested_by")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "titles": _titles()}
    status = 422 if form.errors else 200
    return render(request, "submissions/regrades.html", context, status=status)


@login_required
@never_cache
@require_safe
def regrade(request: SignedInRequest, regrade_id: UUID) -> HttpResponse:
    """What it would change, or has changed; while it runs, how far it is."""
    shown = visible_regrade(request.user, regrade_id)
    found = summary(shown)
    context = {
        "regrade": shown,
        "title": _titles().get(shown.exercise, shown.exercise),
        "summary": found,
        "is_running": shown.stage == Stage.GRADING,
        "page": Paginator(found.changes, ROWS_PER_PAGE).get_page(
            request.GET.get("page")
        ),
    }
    name = "_regrade" if request.htmx else "regrade"  # type: ignore[attr-defined]
    return render(request, f"submissions/{name}.html", context)


@login_required
@require_POST
def commit(request: SignedInRequest, regrade_id: UUID) -> HttpResponse:
    shown = visible_regrade(request.user, regrade_id)
    never_lower = "never_lower" in request.POST
    changed = regrade_decision.commit(regrade=shown, never_lower=never_lower)
    noun = plural_here(changed, _("посылка,посылки,посылок"))
    values = {"changed": changed, "noun": noun}
    messages.success(request, _("Записано: %(changed)d %(noun)s.") % values)
    return redirect(shown)


@login_required
@require_POST
def cancel(request: SignedInRequest, regrade_id: UUID) -> HttpResponse:
    shown = visible_regrade(request.user, regrade_id)
    if regrade_decision.cancel(regrade=shown):
        messages.success(request, _("Перепроверка отменена: всё осталось как было."))
    return redirect("submissions:regrades")


def _titles() -> dict[str, str]:
    return {one.slug: one.title for one in all_exercises()}
