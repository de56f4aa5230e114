"""An attempt's responses, ready to draw their variants."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from quizsite.quizzes.models import Attempt, Response


def responses_of(attempt: Attempt) -> list[Response]:
    """All of an attempt's responses, in one query, ready to draw their variants."""
    responses = list(attempt.responses.select_related("version"))
    for response in responses:
        response.attempt = attempt
    return responses


def response_at(attempt: Attempt, position: int) -> Response:
    """One response of an attempt, ready to draw its variant.

    Raises:
        Http404: the attempt has no such question.
    """
    responses = attempt.responses.select_related("version")
    response = get_object_or_404(responses, position=position)
    response.attempt = attempt
    return response
