"""Taking a quiz: the start, the attempt, its end and its review."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from quizsite.accounts import access
from quizsite.accounts.models import User
from quizsite.quizzes.actions import LATE, act
from quizsite.quizzes.forms import StartForm, save_form
from quizsite.quizzes.layout import chosen_question
from quizsite.quizzes.marking.forms import sent_levels
from quizsite.quizzes.models import Attempt, Quiz
from quizsite.quizzes.pages.attempt import attempt_page
from quizsite.quizzes.pages.review import result_page
from quizsite.quizzes.pages.start import StartPage
from quizsite.quizzes.services import (
    AttemptFinished,
    MayNotStart,
    NotSelfCheckable,
    current_versions,
    finish_attempt,
    finish_if_over,
    response_at,
    responses_of,
    start_attempt,
)
from quizsite.quizzes.services import self_check as keep_self_check


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """What awaits the reader, and their earlier attempts; a post starts one."""
    quizzes = Quiz.objects.select_related("chapter")
    quiz = get_object_or_404(quizzes, chapter__slug=slug)
    page = _start_page(request, quiz)
    if request.method != "POST" or not page.versions:
        return render(request, "quizzes/start.html", {"page": page, "quiz": quiz})
    try:
        return redirect(_start(request, quiz))
    except MayNotStart as refusal:
        context = {"page": page, "quiz": quiz, "problem": str(refusal)}
        return render(request, "quizzes/start.html", context, status=409)


def _start_page(request: HttpRequest, quiz: Quiz) -> StartPage:
    attempts = access.own_attempts(request).filter(quiz=quiz)
    listed = list(attempts.select_related("quiz__chapter"))
    for one in listed:
        finish_if_over(attempt=one)
    return StartPage(
        quiz,
        list(current_versions(quiz)),
        listed,
        list(access.studied_assignments(request.user, quiz)),
        request.user.pk,
    )


def _start(request: HttpRequest, quiz: Quiz) -> Attempt:
    form = StartForm(request.POST)
    if not form.is_valid():
        raise MayNotStart(_("Так этот квиз пройти нельзя: выберите из предложенного."))
    chosen = form.cleaned_data
    assignment = None
    if chosen["course"]:
        assignment = access.studied_assignment(request.user, quiz, chosen["course"])
    user, guest_key = _visitor(request)
    return start_attempt(
        quiz=quiz,
        user=user,
        guest_key=guest_key,
        assignment=assignment,
        behaviour=chosen["behaviour"],
        asks_certainty=chosen["certainty"],
    )


def _visitor(request: HttpRequest) -> tuple[User | None, str]:
    """Who takes the quiz; a guest gets the key that will own the attempt."""
    if isinstance(request.user, User):
        return request.user, ""
    key = request.session.get(access.GUEST_KEY) or secrets.token_urlsafe(24)
    request.session[access.GUEST_KEY] = key
    return None, key


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """All questions or one, in one form: it works without JavaScript."""
    taken = access.own_attempt(request, attempt_id)
    if finish_if_over(attempt=taken):
        return _ended(request, taken)
    responses = responses_of(taken)
    only = chosen_question(request, responses)
    if request.method != "POST":
        page = attempt_page(taken, responses, only=only)
        return render(request, "quizzes/attempt.html", {"page": page})
    try:
        saved = save_form(request.POST, responses)
        if saved.refused:
            page = attempt_page(taken, responses, saved.refused, only=only)
            return render(request, "quizzes/attempt.html", {"page": page}, status=422)
        return act(request, taken, responses, saved)
    except AttemptFinished:
        return _ended(request, taken)


def _ended(request: HttpRequest, taken: Attempt) -> HttpResponse:
    """To the review; who still sent answers is told that they came too late."""
    taken.refresh_from_db()
    if request.method == "POST" and taken.timed_out:
        messages.warning(request, LATE)
    return redirect("quizzes:result", taken.id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Ask whether to finish with questions left open; a post finishes."""
    taken = access.own_attempt(request, attempt_id)
    if request.method == "POST":
        finish_attempt(attempt=taken)
    if finish_if_over(attempt=taken):
        return redirect("quizzes:result", taken.id)
    return render(request, "quizzes/finish.html", {"page": attempt_page(taken)})


@never_cache
@require_http_methods(["GET", "HEAD"])
def result(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """The review: for the reader, and for the instructors of their course."""
    taken = access.visible_attempt(request, attempt_id)
    user = request.user if isinstance(request.user, User) else None
    guest_key = request.session.get(access.GUEST_KEY, "")
    own = taken.belongs_to(user=user, guest_key=guest_key)
    if not finish_if_over(attempt=taken):
        if own:
            return redirect("quizzes:attempt", taken.id)
        return render(request, "quizzes/unfinished.html", {"attempt": taken})
    page = result_page(taken, own=own)
    return render(request, "quizzes/result.html", {"page": page, "attempt": taken})


@require_POST
def self_check(request: HttpRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """What the reader finds in their own open answer: facts, or levels of a rubric."""
    taken = access.own_attempt(request, attempt_id)
    response = response_at(taken, position)
    try:
        keep_self_check(response=response, levels=sent_levels(request.POST, response))
    except NotSelfCheckable:
        messages.warning(request, _("Сверку этого ответа изменить уже нельзя."))
    except ValueError:
        messages.warning(request, _("Выберите уровень по каждому критерию."))
    return redirect(reverse("quizzes:result", args=[taken.id]) + f"#q{position}")
