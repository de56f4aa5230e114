"""What the attempt's page asks for by itself: saving, checking, the clock, history."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from quizsite.accounts import access
from quizsite.quizzes.actions import LATE, PRACTICE, REFUSALS
from quizsite.quizzes.forms import is_flagged, read_draft, stored_fingerprint
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.pages.attempt import (
    STATE_LABELS,
    QuestionPage,
    attempt_page,
    seconds_left,
)
from quizsite.quizzes.pages.history import history_page
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.services import (
    AttemptFinished,
    NotCheckable,
    Outcome,
    Saved,
    Settled,
    TooLong,
    finish_if_over,
    response_at,
    save_answer,
    set_flag,
)


@never_cache
@require_POST
def answer(request: HttpRequest, attempt_id: UUID, position: int) -> JsonResponse:
    """Save one answer; says at once how it was understood."""
    taken = access.own_attempt(request, attempt_id)
    response = response_at(taken, position)
    set_flag(response=response, flagged=is_flagged(request.POST, response))
    if request.POST.get("only") == "flag":
        return JsonResponse({"flagged": response.flagged})
    draft = read_draft(request.POST, response)
    try:
        saved = save_answer(
            response=response,
            raw=draft.raw,
            certainty=draft.certainty,
            base=draft.base,
            age=draft.age,
        )
    except TooLong as error:
        return JsonResponse({"error": str(error)}, status=422)
    except Settled:
        shown = _("Верный ответ уже показан: этот вопрос закрыт.")
        return JsonResponse({"error": shown, "settled": True}, status=422)
    except AttemptFinished as finished:
        return _finished_json(request, taken, finished)
    return JsonResponse(_saved_json(response, saved))


def _finished_json(
    request: HttpRequest, taken: Attempt, finished: AttemptFinished
) -> JsonResponse:
    if finished.kept:
        messages.warning(request, LATE)  # for the page that is shown next
    url = reverse("quizzes:result", args=[taken.id])
    return JsonResponse({"finished": url, "kept": finished.kept}, status=409)


def _saved_json(response: Response, saved: Saved) -> dict[str, object]:
    parsed = saved.parsed
    return {
        "state": parsed.state,
        "label": str(STATE_LABELS[parsed.state]),
        "errors": dict(parsed.errors),
        "echo": dict(parsed.echo),
        "saved_at": saved.at.isoformat(),
        "was": stored_fingerprint(response),
        "revision": saved.revision,
        "outcome": saved.outcome,
        "other": _other_html(response, saved),
        "left": seconds_left(response.attempt, timezone.now()),
    }


def _other_html(response: Response, saved: Saved) -> str:
    """What is said of another tab's answer; nothing if there was none."""
    if saved.other is None:
        return ""
    context = {
        "response": response,
        "answer": response.variant.show(saved.other.answer),
        "blank": saved.other.answer is None,
        "saved_at": saved.other.saved_at,
        "aside": saved.outcome == Outcome.ASIDE,
    }
    return render_to_string("quizzes/other_answer.html", context)


@never_cache
@require_POST
def practise(
    request: HttpRequest, attempt_id: UUID, position: int, what: str
) -> JsonResponse:
    """Check, hint or reveal; the answer itself was saved before."""
    if what not in PRACTICE:
        raise Http404
    taken = access.own_attempt(request, attempt_id)
    response = response_at(taken, position)
    refusal = ""
    try:
        PRACTICE[what](response)
    except NotCheckable as error:
        refusal = str(REFUSALS[error.state])
    except AttemptFinished as finished:
        finish_if_over(attempt=taken)
        return _finished_json(request, taken, finished)
    return JsonResponse(_practised_json(request, response, refusal))


def _practised_json(
    request: HttpRequest, response: Response, refusal: str
) -> dict[str, Any]:
    page = attempt_page(response.attempt, [response])
    question: QuestionPage = page.questions[0]
    context = {"question": question, "page": page}
    return {
        "state": question.state,
        "label": question.state_label,
        "settled": question.settled,
        "hints": question.hints_left,
        "refusal": refusal,
        "html": render_to_string("quizzes/feedback.html", context, request),
    }


@never_cache
@require_safe
def clock(request: HttpRequest, attempt_id: UUID) -> JsonResponse:
    """How much time is left by the server's clock: more may have been granted."""
    taken = access.own_attempt(request, attempt_id)
    url = reverse("quizzes:result", args=[taken.id])
    over = finish_if_over(attempt=taken)
    left = seconds_left(taken, timezone.now())
    return JsonResponse({"left": left, "finished": url if over else None})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def history(request: HttpRequest, attempt_id: UUID, position: int) -> HttpResponse:
    """What was answered before, and by which tab; a post takes an answer back."""
    taken = access.own_attempt(request, attempt_id)
    over = finish_if_over(attempt=taken)
    response = response_at(taken, position)
    if Aspect.ANSWER not in shown_aspects(taken):
        return redirect("quizzes:result", taken.id)
    page = history_page(response)
    if request.method != "POST":
        return render(request, "quizzes/history.html", {"page": page, "over": over})
    sent = request.POST.get("revision", "")
    number = int(sent) if sent.isdigit() and len(sent) < 16 else 0
    kept = get_object_or_404(response.revisions, pk=number)
    try:
        save_answer(response=response, raw=kept.answer, certainty=kept.certainty)
        messages.success(request, _("Ответ возвращён."))
    except (AttemptFinished, Settled):
        messages.warning(request, _("Вернуть ответ уже нельзя."))
    return redirect(reverse("quizzes:attempt", args=[taken.id]) + f"#q{position}")
