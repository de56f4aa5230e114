"""Taking a quiz: the start, the attempt, its end and its review."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from quizsite.accounts import access
from quizsite.accounts.models import User
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.forms import read_answer, save_form, stored_fingerprint
from quizsite.quizzes.models import Attempt, Quiz, Response
from quizsite.quizzes.pages import STATE_LABELS, attempt_page, review_pages
from quizsite.quizzes.services import (
    AttemptFinished,
    Saved,
    TooLong,
    finish_attempt,
    response_at,
    responses_of,
    save_answer,
    start_attempt,
)
from quizsite.quizzes.services import self_check as keep_self_check
from quizsite.quizzes.types.open import Open


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """What awaits the reader, and their earlier attempts; a post starts one."""
    quizzes = Quiz.objects.select_related("chapter")
    quiz = get_object_or_404(quizzes, chapter__slug=slug)
    current = list(quiz.questions.filter(retired=False))
    if request.method == "POST" and current:
        user, guest_key = _visitor(request)
        return redirect(start_attempt(quiz=quiz, user=user, guest_key=guest_key))
    attempts = access.own_attempts(request).filter(quiz=quiz)
    context = {
        "quiz": quiz,
        "count": len(current),
        "running": attempts.filter(finished_at=None).first(),
        "finished": attempts.exclude(finished_at=None),
    }
    return render(request, "quizzes/start.html", context)


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
    """All questions on one page, which is one form: it works without JavaScript."""
    taken = access.own_attempt(request, attempt_id)
    if taken.is_finished:
        return redirect("quizzes:result", taken.id)
    responses = responses_of(taken)
    if request.method != "POST":
        return _render_attempt(request, taken, responses)
    try:
        refused = save_form(request.POST, responses)
    except AttemptFinished:
        return redirect("quizzes:result", taken.id)
    if refused:
        page = attempt_page(taken, responses, refused)
        return render(request, "quizzes/attempt.html", {"page": page}, status=422)
    if "finish" in request.POST:
        return _finish_or_ask(taken, responses)
    messages.success(request, _("Ответы сохранены."))
    return redirect("quizzes:attempt", taken.id)


def _render_attempt(
    request: HttpRequest, taken: Attempt, responses: list[Response]
) -> HttpResponse:
    page = attempt_page(taken, responses)
    return render(request, "quizzes/attempt.html", {"page": page})


def _finish_or_ask(taken: Attempt, responses: list[Response]) -> HttpResponse:
    if attempt_page(taken, responses).open_questions:
        return redirect("quizzes:finish", taken.id)
    finish_attempt(attempt=taken)
    return redirect("quizzes:result", taken.id)


@never_cache
@require_POST
def answer(request: HttpRequest, attempt_id: UUID, position: int) -> JsonResponse:
    """Save one answer; says at once how it was understood."""
    taken = access.own_attempt(request, attempt_id)
    response = response_at(taken, position)
    try:
        saved = save_answer(response=response, raw=read_answer(request.POST, response))
    except TooLong as error:
        return JsonResponse({"error": str(error)}, status=422)
    except AttemptFinished:
        url = reverse("quizzes:result", args=[taken.id])
        return JsonResponse({"finished": url}, status=409)
    return JsonResponse(_saved_json(response, saved))


def _saved_json(response: Response, saved: Saved) -> dict[str, object]:
    parsed = saved.parsed
    return {
        "state": parsed.state,
        "label": str(STATE_LABELS[parsed.state]),
        "errors": dict(parsed.errors),
        "echo": dict(parsed.echo),
        "saved_at": saved.at.isoformat(),
        "was": stored_fingerprint(response),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def finish(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Ask whether to finish with questions left open; a post finishes."""
    taken = access.own_attempt(request, attempt_id)
    if request.method == "POST":
        finish_attempt(attempt=taken)
    if taken.is_finished:
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
    if not behaviour_of(taken).may_review(taken):
        if own:
            return redirect("quizzes:attempt", taken.id)
        return render(request, "quizzes/unfinished.html", {"attempt": taken})
    context = {"attempt": taken, "own": own, "reviews": review_pages(taken)}
    return render(request, "quizzes/result.html", context)


@require_POST
def self_check(request: HttpRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """Which reference points the reader found in their own open answer."""
    taken = access.own_attempt(request, attempt_id)
    response = response_at(taken, position)
    drawn = response.variant.drawn
    if taken.is_finished and isinstance(drawn, Open):
        sent = set(request.POST.getlist("point"))
        points = [n for n in range(1, len(drawn.points) + 1) if str(n) in sent]
        keep_self_check(response=response, points=points)
    return redirect(reverse("quizzes:result", args=[taken.id]) + f"#q{position}")
