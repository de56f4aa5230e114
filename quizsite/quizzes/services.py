"""Attempts: starting, answering, finishing. Loading is in :mod:`loading`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.utils import timezone

from quizsite.accounts.models import User
from quizsite.courses.services import record_attempt_grade
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.loading import load_quizzes
from quizsite.quizzes.models import Attempt, QuestionVersion, Quiz, Response
from quizsite.quizzes.types.base import Parsed, Raw, TooLong, storable

__all__ = [
    "AttemptFinished",
    "Saved",
    "TooLong",
    "finish_attempt",
    "load_quizzes",
    "response_at",
    "responses_of",
    "running_attempt",
    "save_answer",
    "self_check",
    "start_attempt",
]


class AttemptFinished(Exception):
    """The attempt was finished, here or elsewhere; nothing was changed."""


@dataclass(frozen=True)
class Saved:
    parsed: Parsed
    at: datetime


def running_attempt(*, quiz: Quiz, user: User | None, guest_key: str) -> Attempt | None:
    """The attempt to go on with, if there is one."""
    attempts = quiz.attempts.filter(finished_at=None)
    if user is not None:
        return attempts.filter(user=user).first()
    return (
        attempts.filter(user=None, guest_key=guest_key).first() if guest_key else None
    )


@transaction.atomic
def start_attempt(*, quiz: Quiz, user: User | None, guest_key: str) -> Attempt:
    """A new attempt with its own seed, or the one that is running already."""
    # One at a time for each quiz: a double click must not start two.
    Quiz.objects.select_for_update().get(pk=quiz.pk)
    running = running_attempt(quiz=quiz, user=user, guest_key=guest_key)
    if running is not None:
        return running
    attempt = Attempt.objects.create(
        quiz=quiz,
        user=user,
        guest_key="" if user else guest_key,
        seed=secrets.token_bytes(16),
    )
    versions = _current_versions(quiz)
    Response.objects.bulk_create(
        Response(attempt=attempt, version=version, position=position)
        for position, version in enumerate(versions, start=1)
    )
    return attempt


def _current_versions(quiz: Quiz) -> QuerySet[QuestionVersion]:
    """The newest version of every question in the quiz, in its order."""
    newest = QuestionVersion.objects.filter(question=OuterRef("question"))
    return QuestionVersion.objects.filter(
        question__quiz=quiz,
        question__retired=False,
        number=Subquery(newest.order_by("-number").values("number")[:1]),
    ).order_by("question__position")


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


def save_answer(*, response: Response, raw: Raw) -> Saved:
    """Store an answer as it was given, malformed or not; mark it if it is time.

    Raises:
        TooLong: it is longer than anybody writes; what was saved stays.
        AttemptFinished: it is too late; nothing was changed.
    """
    raw = storable(raw)
    parsed = response.variant.parse(raw)
    now = timezone.now()
    values: dict[str, Any] = {"answer": None if parsed.blank else raw, "saved_at": now}
    behaviour = behaviour_of(response.attempt)
    marked = behaviour.on_save(response.variant, parsed)
    if marked is not None:
        values |= {"mark": marked.mark, "feedback": marked.as_json()}
    with transaction.atomic():
        # The lock makes a save that races with the finish wait, and then see it.
        still_open = Attempt.objects.select_for_update().filter(
            pk=response.attempt_id, finished_at=None
        )
        if not still_open:
            raise AttemptFinished
        Response.objects.filter(pk=response.pk).update(**values)
    response.answer, response.saved_at = values["answer"], now
    return Saved(parsed, now)


@transaction.atomic
def finish_attempt(*, attempt: Attempt) -> None:
    """Mark everything; finishing twice does nothing the second time."""
    unfinished = Attempt.objects.filter(pk=attempt.pk, finished_at=None)
    if not unfinished.update(finished_at=timezone.now()):
        attempt.refresh_from_db()
        return
    responses = responses_of(attempt)
    for response in responses:
        _mark(response)
    Response.objects.bulk_update(responses, ["mark", "credit", "feedback"])
    marked = [one for one in responses if one.points is not None]
    Attempt.objects.filter(pk=attempt.pk).update(
        score=sum(one.points or 0 for one in marked),
        max_score=sum(one.version.points for one in marked),
    )
    attempt.refresh_from_db()
    record_attempt_grade(attempt=attempt)


def _mark(response: Response) -> None:
    variant = response.variant
    parsed = variant.parse(response.answer)
    marked = behaviour_of(response.attempt).on_finish(variant, parsed)
    response.mark = response.credit = marked.mark
    response.feedback = {**marked.as_json(), "errors": list(parsed.errors.values())}


def self_check(*, response: Response, points: list[int]) -> None:
    """Keep which reference points a reader found in their own answer.

    It is no mark and changes no score.
    """
    response.feedback = {**response.feedback, "self_check": sorted(set(points))}
    response.save(update_fields=["feedback"])
