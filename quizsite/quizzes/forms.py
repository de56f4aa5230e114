"""Answers out of a posted form: of one question, or of all that are on the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django import forms
from django.http import QueryDict

from quizsite.quizzes.models import Response
from quizsite.quizzes.rules import OWN_BEHAVIOURS, BehaviourName, Certainty
from quizsite.quizzes.services import (
    Draft,
    Outcome,
    Settled,
    TooLong,
    save_answer,
    set_flag,
)
from quizsite.quizzes.types.base import Raw


class StartForm(forms.Form):
    """How a reader wants to take a quiz: for a course, or for themselves."""

    course = forms.SlugField(required=False)
    behaviour = forms.ChoiceField(
        choices=[(one.value, one.label) for one in OWN_BEHAVIOURS], required=False
    )
    certainty = forms.BooleanField(required=False)

    def clean_behaviour(self) -> str:
        return self.cleaned_data["behaviour"] or BehaviourName.TEST


@dataclass(frozen=True)
class Unsaved:
    """An answer that was refused, kept for the page that says so."""

    raw: Raw
    message: str


@dataclass(frozen=True)
class FormSaved:
    """What came of a form: what was refused, and which answers replaced another's."""

    refused: dict[int, Unsaved] = field(default_factory=dict)
    replaced: list[int] = field(default_factory=list)


def read_answer(data: QueryDict, response: Response) -> Raw:
    """The raw answer to one question, whatever its type."""
    name, drawn = f"q{response.position}", response.variant.drawn
    if drawn.many:
        return [_text(one) for one in data.getlist(name)]
    if drawn.field_ids:
        return {one: _text(data.get(f"{name}-{one}", "")) for one in drawn.field_ids}
    return _text(data.get(name, ""))


def read_draft(data: QueryDict, response: Response) -> Draft:
    """The answer with what the page knows of it; nonsense counts as not said."""
    name = f"q{response.position}"
    certainty = _number(data.get(f"{name}-certainty"))
    age = _number(data.get("age")) or 0
    return Draft(
        read_answer(data, response),
        certainty if certainty in Certainty.values else None,
        _number(data.get(f"{name}-revision")),
        timedelta(milliseconds=min(age, 10**12)),
    )


def is_flagged(data: QueryDict, response: Response) -> bool:
    return f"q{response.position}-flag" in data


def _text(value: str | list[object] | None) -> str:
    return str(value or "").replace("\r\n", "\n")


def _number(value: str | list[object] | None) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def fingerprint(raw: Raw, certainty: int | None = None) -> str:
    """Tells whether an answer is the one that a page was made with."""
    text = json.dumps([raw, certainty], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def stored_fingerprint(response: Response) -> str:
    """Of a stored answer, as the form will send it back untouched."""
    if response.answer is not None:
        return fingerprint(response.answer, response.certainty)
    drawn = response.variant.drawn
    if drawn.many:
        return fingerprint([], response.certainty)
    empty: Raw = dict.fromkeys(drawn.field_ids, "") if drawn.field_ids else ""
    return fingerprint(empty, response.certainty)


def save_form(data: QueryDict, responses: Sequence[Response]) -> FormSaved:
    """Save what changed since the page was made.

    What this page did not touch, or did not show, stays: another tab may have answered
    it meanwhile.

    Raises:
        AttemptFinished: nothing more of it was saved.
    """
    saved = FormSaved()
    for response in responses:
        if f"q{response.position}-was" in data:
            _save_question(data, response, saved)
    return saved


def _save_question(data: QueryDict, response: Response, saved: FormSaved) -> None:
    set_flag(response=response, flagged=is_flagged(data, response))
    draft = read_draft(data, response)
    if data[f"q{response.position}-was"] == fingerprint(draft.raw, draft.certainty):
        return
    try:
        stored = save_answer(
            response=response,
            raw=draft.raw,
            certainty=draft.certainty,
            base=draft.base,
        )
    except TooLong as error:
        saved.refused[response.position] = Unsaved(draft.raw, str(error))
    except Settled:
        return  # a page from before its key was shown
    else:
        if stored.outcome == Outcome.REPLACED:
            saved.replaced.append(response.position)
