"""The profile, and the page behind the one-time link."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from quizsite.accounts import notices, services
from quizsite.accounts.forms import AdministratorForm, ProfileForm
from quizsite.accounts.http import SignedInRequest
from quizsite.accounts.models import User
from quizsite.courses.demo import load_demo_course
from quizsite.lib.sourced_yaml import DocumentError

BACKEND = "django.contrib.auth.backends.ModelBackend"
page_with_form = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@page_with_form
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=_fresh(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Сохранено."))
        return redirect("accounts:profile")
    status = 422 if form.errors else 200
    context = {"form": form, "notices": notices.unseen(request.user)}
    return render(request, "accounts/profile.html", context, status=status)


@login_required
@require_POST
def notices_seen(request: SignedInRequest) -> HttpResponse:
    """They have been read, and go."""
    notices.mark_seen(user=request.user)
    return redirect("accounts:profile")


def _fresh(request: SignedInRequest) -> User:
    # A refused form must not leave its text on the user that the header shows.
    return User.objects.get(pk=request.user.pk)


@never_cache
@page_with_form
def setup(request: HttpRequest, token: str) -> HttpResponse:
    if not services.is_open(token=token):
        raise Http404
    form = AdministratorForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.errors else 200
        return render(request, "accounts/setup.html", {"form": form}, status=status)
    administrator = _create(form, token)
    login(request, administrator, backend=BACKEND)
    messages.success(request, _("Вы — администратор сайта."))
    if form.cleaned_data["demo_course"]:
        try:
            return redirect(load_demo_course(owner=administrator))
        except DocumentError as error:
            messages.error(request, _("Учебный курс не загрузился: %s") % error)
    return redirect("accounts:profile")


def _create(form: AdministratorForm, token: str) -> User:
    username, password = form.cleaned_data["username"], form.cleaned_data["password1"]
    try:
        return services.create_administrator(
            token=token, username=username, password=password
        )
    except services.LinkUsed as error:
        raise Http404 from error
