"""Pages on which staff have answers marked again after a key was mended."""

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

from quizsite.accounts.access import require_staff, visible_question_regrade
from quizsite.accounts.http import SignedInRequest
from quizsite.lib.plural import plural_here
from quizsite.quizzes import regrading
from quizsite.quizzes.models import Question, QuestionRegrade

PAGE_SIZE = 30
ROWS_PER_PAGE = 100


class QuestionRegradeForm(forms.Form):
    question = forms.ModelChoiceField(
        label=gettext_lazy("Вопрос"), queryset=Question.objects.none()
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["question"].queryset = regrading.mended_questions()  # type: ignore[attr-defined]
        self.fields["question"].label_from_instance = _label  # type: ignore[attr-defined]


def _label(question: Question) -> str:
    return f"{question.quiz.title}: {question.slug}"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def regrades(request: SignedInRequest) -> HttpResponse:
    """All regrades of questions, and the form that computes one."""
    require_staff(request.user)
    form = QuestionRegradeForm(request.POST or None)
    if form.is_valid():
        question = form.cleaned_data["question"]
        return redirect(regrading.begin(question=question, requested_by=request.user))
    found = QuestionRegrade.objects.select_related("question__quiz", "requested_by")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    status = 422 if form.errors else 200
    context = {"form": form, "page": page}
    return render(request, "quizzes/regrades.html", context, status=status)


@login_required
@never_cache
@require_safe
def regrade(request: SignedInRequest, regrade_id: UUID) -> HttpResponse:
    """Who changes and why; nothing is written down until it is committed."""
    shown = visible_question_regrade(request.user, regrade_id)
    told = regrading.told_changes(shown)
    page = Paginator(told, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"regrade": shown, "summary": regrading.summary(shown), "page": page}
    return render(request, "quizzes/regrade.html", context)


@login_required
@require_POST
def commit(request: SignedInRequest, regrade_id: UUID) -> HttpResponse:
    shown = visible_question_regrade(request.user, regrade_id)
    never_lower = "never_lower" in request.POST
    changed = regrading.commit(regrade=shown, never_lower=never_lower)
    noun = plural_here(changed, _("балл,балла,баллов"))
    values = {"changed": changed, "noun": noun}
    messages.success(request, _("Изменено: %(changed)d %(noun)s.") % values)
    return redirect(shown)


@login_required
@require_POST
def cancel(request: SignedInRequest, regrade_id: UUID) -> HttpResponse:
    shown = visible_question_regrade(request.user, regrade_id)
    if regrading.cancel(regrade=shown):
        messages.success(request, _("Перепроверка отменена: всё осталось как было."))
    return redirect("quizzes:regrades")
