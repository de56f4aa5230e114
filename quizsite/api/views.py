"""Pages for people: their tokens, and what the API offers."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from quizsite.accounts.http import SignedInRequest
from quizsite.api.errors import KINDS
from quizsite.api.forms import TokenForm
from quizsite.api.models import ApiToken
from quizsite.api.permissions import Scope
from quizsite.api.reference import operations
from quizsite.api.services import TooManyTokens, issue_token, revoke_token


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: SignedInRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    key = _issue(request, form) if form.is_valid() else None
    alive = ApiToken.objects.filter(user=request.user, revoked_at__isnull=True)
    context = {
        "form": TokenForm() if key else form,
        # Shown in the answer to the very request that made it, and stored nowhere.
        "key": key,
        "tokens": alive,
        "scope_labels": dict(Scope.choices),
    }
    status = 422 if form.errors else 200
    return render(request, "api/tokens.html", context, status=status)


def _issue(request: SignedInRequest, form: TokenForm) -> str | None:
    try:
        _token, key = issue_token(user=request.user, **form.cleaned_data)
    except TooManyTokens:
        form.add_error(None, _("Токенов уже слишком много: отзовите ненужный."))
        return None
    return key


@login_required
@require_POST
def revoke(request: SignedInRequest, token_id: int) -> HttpResponse:
    if not revoke_token(user=request.user, token_id=token_id):
        raise Http404
    messages.success(request, _("Токен отозван."))
    return redirect("api:tokens")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    context = {
        "operations": operations(),
        "kinds": KINDS.values(),
        "scopes": Scope.choices,
        "base": request.build_absolute_uri("/api/v1/"),
    }
    return render(request, "api/docs.html", context)
