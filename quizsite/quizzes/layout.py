"""One question a page or all of them: the reader's choice, kept in the session."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from quizsite.quizzes.models import Response

KEY = "quiz_one_by_one"
ALL = "all"


def chosen_question(request: HttpRequest, responses: Sequence[Response]) -> int | None:
    """The number of the question to show alone; None: all are shown.

    ``?q=3`` and ``?q=all`` say it and are remembered; without them the last choice
    holds, from the first question that has no answer.
    """
    said = request.GET.get("q", "")
    numbers = [one.position for one in responses]
    if said == ALL:
        _remember(request, one_by_one=False)
        return None
    if said.isascii() and said.isdigit() and len(said) < 6 and int(said) in numbers:
        _remember(request, one_by_one=True)
        return int(said)
    if not request.session.get(KEY) or not numbers:
        return None
    unanswered = (one.position for one in responses if one.answer is None)
    return next(unanswered, numbers[0])


def _remember(request: HttpRequest, *, one_by_one: bool) -> None:
    if request.method != "POST" and bool(request.session.get(KEY)) != one_by_one:
        request.session[KEY] = one_by_one
