"""Answers out of a posted form: of one question, or of all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from quizsite.quizzes.models import Response
from quizsite.quizzes.services import TooLong, save_answer
from quizsite.quizzes.types.base import Raw


@dataclass(frozen=True)
class Unsaved:
    """An answer that was refused, kept for the page that says so."""

    raw: Raw
    message: str


def read_answer(data: QueryDict, response: Response) -> Raw:
    """The raw answer to one question, whatever its type."""
    name, drawn = f"q{response.position}", response.variant.drawn
    if drawn.many:
        return [_text(one) for one in data.getlist(name)]
    if drawn.field_ids:
        return {one: _text(data.get(f"{name}-{one}", "")) for one in drawn.field_ids}
    return _text(data.get(name, ""))


def _text(value: str | list[object] | None) -> str:
    return str(value or "").replace("\r\n", "\n")


def fingerprint(raw: Raw) -> str:
    """Tells whether an answer is the one that a page was made with."""
    text = json.dumps(raw, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def stored_fingerprint(response: Response) -> str:
    """Of a stored answer, as the form will send it back untouched."""
    if response.answer is not None:
        return fingerprint(response.answer)
    drawn = response.variant.drawn
    if drawn.many:
        return fingerprint([])
    return fingerprint(dict.fromkeys(drawn.field_ids, "") if drawn.field_ids else "")


def save_form(data: QueryDict, responses: Sequence[Response]) -> dict[int, Unsaved]:
    """Save what changed since the page was made; returns what was refused.

    What this page did not touch stays: another tab may have answered it meanwhile.

    Raises:
        AttemptFinished: nothing of it was saved.
    """
    refused: dict[int, Unsaved] = {}
    for response in responses:
        raw = read_answer(data, response)
        if data.get(f"q{response.position}-was") == fingerprint(raw):
            continue
        try:
            save_answer(response=response, raw=raw)
        except TooLong as error:
            refused[response.position] = Unsaved(raw, str(error))
    return refused
