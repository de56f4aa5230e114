"""What the buttons of the attempt's form do, once its answers are saved.

``save``, ``finish``; in practice ``check``, ``hint`` and ``reveal`` with a question's
number; ``go`` to another question. Without JavaScript these are all there is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from quizsite.quizzes.forms import FormSaved
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.pages.attempt import attempt_page
from quizsite.quizzes.services import (
    NotCheckable,
    check_answer,
    finish_attempt,
    reveal_answer,
    take_hint,
)

REFUSALS = {
    "blank": gettext_lazy("Сначала ответьте."),
    "malformed": gettext_lazy("Ответ не разобрать; это ничего не стоит."),
    "incomplete": gettext_lazy("Ответ не полный: заполните всё. Это ничего не стоит."),
    "test": gettext_lazy("В этой попытке ответы проверяются после завершения."),
}
LATE = gettext_lazy("Время вышло: присланное позже сохранено отдельно и не засчитано.")


def _check(response: Response) -> None:
    check_answer(response=response)


def _hint(response: Response) -> None:
    take_hint(response=response)


def _reveal(response: Response) -> None:
    reveal_answer(response=response)


PRACTICE: dict[str, Callable[[Response], None]] = {
    "check": _check,
    "hint": _hint,
    "reveal": _reveal,
}


def act(
    request: HttpRequest,
    attempt: Attempt,
    responses: Sequence[Response],
    saved: FormSaved,
) -> HttpResponse:
    """Do what the pressed button says.

    Raises:
        AttemptFinished: in another tab, or its time is up.
    """
    for number in saved.replaced:
        text = _(
            "Вопрос %d: в другой вкладке был сохранён другой ответ. Засчитан этот, "
            "прежний остался в истории ответов."
        )
        messages.warning(request, text % number)
    if "finish" in request.POST:
        return _finish_or_ask(attempt, responses)
    for name, do in PRACTICE.items():
        response = _pressed(request, name, responses)
        if response is not None:
            return _practise(request, response, do)
    target = _pressed(request, "go", responses)
    if target is None:
        messages.success(request, _("Ответы сохранены."))
    return redirect(_back(request, attempt, target))


def _finish_or_ask(attempt: Attempt, responses: Sequence[Response]) -> HttpResponse:
    if attempt_page(attempt, responses).open_questions:
        return redirect("quizzes:finish", attempt.id)
    finish_attempt(attempt=attempt)
    return redirect("quizzes:result", attempt.id)


def _pressed(
    request: HttpRequest, name: str, responses: Sequence[Response]
) -> Response | None:
    """The question whose button it was."""
    number = request.POST.get(name)
    found = (one for one in responses if str(one.position) == number)
    return next(found, None)


def _practise(
    request: HttpRequest, response: Response, do: Callable[[Response], None]
) -> HttpResponse:
    try:
        do(response)
    except NotCheckable as refusal:
        number, why = response.position, REFUSALS[refusal.state]
        text = _("Вопрос %(number)d: %(why)s") % {"number": number, "why": why}
        messages.warning(request, text)
    return redirect(_back(request, response.attempt, response))


def _back(request: HttpRequest, attempt: Attempt, target: Response | None) -> str:
    """The attempt's page, as it was shown, at a question."""
    address = reverse("quizzes:attempt", args=[attempt.id])
    one_by_one = request.GET.get("q", "all") != "all"
    if target is None:
        return f"{address}?{request.GET.urlencode()}" if one_by_one else address
    if one_by_one or "go" in request.POST:
        return f"{address}?q={target.position}#q{target.position}"
    return f"{address}#q{target.position}"
