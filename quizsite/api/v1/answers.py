"""Answering one question of an attempt; in practice checking, hints, giving up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as JsonResponse

from quizsite.api.base import Endpoint
from quizsite.api.errors import Conflict, Invalid
from quizsite.api.permissions import Scope
from quizsite.api.v1.judgements import PractisedSerializer, own_attempt, practised
from quizsite.api.v1.questions import AnswerField
from quizsite.quizzes.actions import REFUSALS
from quizsite.quizzes.models import Response
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.rules import Certainty
from quizsite.quizzes.services import (
    AttemptFinished,
    NotCheckable,
    Outcome,
    Saved,
    Settled,
    TooLong,
    check_answer,
    response_at,
    reveal_answer,
    save_answer,
    set_flag,
    take_hint,
)
from quizsite.quizzes.types.base import Parsed, storable


class AnswerSerializer(serializers.Serializer[Any]):
    answer = AnswerField(allow_null=True)
    certainty = serializers.ChoiceField(
        choices=Certainty.choices,
        required=False,
        allow_null=True,
        help_text="From 1, not certain, to 3, certain; absent: as it was.",
    )
    revision = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text="Which revision the answer was written upon; absent: the newest.",
    )
    age_ms = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=10**12,
        help_text="How long ago it was written, if it had to wait.",
    )
    flagged = serializers.BooleanField(
        required=False, help_text="To come back to; absent: as it was."
    )


class OtherSerializer(serializers.Serializer[Any]):
    answer = AnswerField(allow_null=True)
    saved_at = serializers.DateTimeField()


class SavedSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["blank", "incomplete", "answered"])
    understood = serializers.DictField(
        child=serializers.CharField(),
        help_text="How each field was read; LaTeX stands in $…$.",
    )
    saved_at = serializers.DateTimeField()
    revision = serializers.IntegerField()
    outcome = serializers.ChoiceField(
        choices=[one.value for one in Outcome],
        help_text="aside: a newer answer was saved meanwhile; this one is kept.",
    )
    other = OtherSerializer(
        allow_null=True, help_text="The answer that was replaced, or that stands."
    )


class Answer(Endpoint):
    command_scope = Scope.ATTEMPTS

    @extend_schema(
        summary="Ответить на вопрос, пока попытка идёт",
        tags=["attempts"],
        request=AnswerSerializer,
        responses=SavedSerializer,
    )
    def put(self, request: Request, attempt_id: UUID, position: int) -> JsonResponse:
        attempt = own_attempt(request, attempt_id)
        response = response_at(attempt, position)
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return JsonResponse(_save(response, given.validated_data))


def _save(response: Response, given: dict[str, Any]) -> dict[str, Any]:
    """Save an answer that can be read; a slip of the pen is told and costs nothing."""
    try:
        raw = storable(given["answer"])  # before anybody reads a megabyte of it
        _refuse_malformed(response.variant.parse(raw))
        saved = save_answer(
            response=response,
            raw=raw,
            certainty=given.get("certainty", response.certainty),
            base=given.get("revision"),
            age=timedelta(milliseconds=given.get("age_ms", 0)),
        )
    except TooLong as error:
        raise Invalid({"answer": [str(error)]}, "too_long") from error
    except Settled as error:
        raise Conflict(_("Верный ответ уже показан: этот вопрос закрыт.")) from error
    except AttemptFinished as error:
        raise _over(error) from error
    set_flag(response=response, flagged=given.get("flagged", response.flagged))
    return _saved(saved)


def _saved(saved: Saved) -> dict[str, Any]:
    other = saved.other
    return {
        "state": saved.parsed.state,
        "understood": dict(saved.parsed.echo),
        "saved_at": saved.at,
        "revision": saved.revision,
        "outcome": saved.outcome.value,
        "other": other and {"answer": other.answer, "saved_at": other.saved_at},
    }


def _over(finished: AttemptFinished) -> Conflict:
    if finished.kept:
        return Conflict(_("Время вышло: ответ сохранён отдельно и не засчитан."))
    return Conflict(_("Попытка уже завершена."))


def _refuse_malformed(parsed: Parsed) -> None:
    if parsed.errors:
        # "" is the one field of a question that has no others.
        errors: Any = {name: [text] for name, text in parsed.errors.items()}
        raise Invalid({"answer": errors.get("", errors)}, "malformed")


class Practise(Endpoint):
    """What practice allows before the end; in other behaviours a conflict."""

    command_scope = Scope.ATTEMPTS

    def do(self, request: Request, attempt_id: UUID, position: int) -> JsonResponse:
        response = response_at(own_attempt(request, attempt_id), position)
        try:
            self.act(response)
        except NotCheckable as refusal:
            raise Conflict(str(REFUSALS[refusal.state])) from refusal
        except AttemptFinished as finished:
            raise _over(finished) from finished
        return JsonResponse(practised(response, shown_aspects(response.attempt)))

    def act(self, response: Response) -> None:
        raise NotImplementedError


def described(summary: str) -> Callable[..., Any]:
    return extend_schema(
        summary=summary,
        tags=["attempts"],
        request=None,
        responses=PractisedSerializer,
    )


class Check(Practise):
    @described("Практика: проверить сохранённый ответ")
    def post(self, request: Request, attempt_id: UUID, position: int) -> JsonResponse:
        return self.do(request, attempt_id, position)

    def act(self, response: Response) -> None:
        check_answer(response=response)


class Hint(Practise):
    @described("Практика: ещё одна подсказка, бесплатно")
    def post(self, request: Request, attempt_id: UUID, position: int) -> JsonResponse:
        return self.do(request, attempt_id, position)

    def act(self, response: Response) -> None:
        take_hint(response=response)


class Reveal(Practise):
    @described("Практика: сдаться и увидеть верный ответ")
    def post(self, request: Request, attempt_id: UUID, position: int) -> JsonResponse:
        return self.do(request, attempt_id, position)

    def act(self, response: Response) -> None:
        reveal_answer(response=response)
