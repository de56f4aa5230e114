"""Taking a chapter's quiz: start, answer, finish, result; one's own attempts only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response as JsonResponse
from rest_framework.reverse import reverse

from quizsite.api.base import Endpoint, caller
from quizsite.api.errors import Conflict, Invalid
from quizsite.api.permissions import Scope
from quizsite.api.v1.questions import AnswerField, QuestionSerializer, shown
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.models import Attempt, Quiz, Response
from quizsite.quizzes.services import (
    AttemptFinished,
    TooLong,
    finish_attempt,
    response_at,
    responses_of,
    running_attempt,
    save_answer,
    start_attempt,
)
from quizsite.quizzes.types.base import Parsed, Raw


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    chapter = serializers.SlugField(source="quiz.chapter.slug")
    finished = serializers.BooleanField(source="is_finished")
    address = serializers.SerializerMethodField(help_text="This attempt in the API.")

    class Meta:
        model = Attempt
        fields = [
            *("id", "chapter", "started_at", "finished_at", "finished"),
            *("score", "max_score", "address"),
        ]
        read_only_fields = fields

    def get_address(self, attempt: Attempt) -> str:
        return reverse("api:attempt", [attempt.pk], request=self.context["request"])


class AttemptDetailSerializer(AttemptSerializer):
    questions = QuestionSerializer(many=True, source="shown_questions")

    class Meta(AttemptSerializer.Meta):
        fields = [*AttemptSerializer.Meta.fields, "questions"]
        read_only_fields = fields


class NewAttemptSerializer(serializers.Serializer[Any]):
    chapter = serializers.SlugField(help_text="Whose quiz is to be taken.")

    def validate_chapter(self, slug: str) -> Quiz:
        quiz = Quiz.objects.filter(chapter__slug=slug).first()
        if quiz is None:
            message = _("У главы «%s» нет квиза.") % slug
            raise serializers.ValidationError(message, "unknown")
        return quiz


class AnswerSerializer(serializers.Serializer[Any]):
    answer = AnswerField(allow_null=True)


class SavedSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["blank", "incomplete", "answered"])
    understood = serializers.DictField(
        child=serializers.CharField(),
        help_text="How each field was read; LaTeX stands in $…$.",
    )
    saved_at = serializers.DateTimeField()


class PartSerializer(serializers.Serializer[Any]):
    label: Any = serializers.CharField()
    ok = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)


class MarkedSerializer(serializers.Serializer[Any]):
    position = serializers.IntegerField()
    mark = serializers.FloatField(
        allow_null=True, help_text="From 0 to 1; null: not marked by machine."
    )
    points = serializers.FloatField(allow_null=True)
    max_points = serializers.FloatField()
    answer = AnswerField(allow_null=True)
    right_answer = AnswerField(allow_null=True)
    explanation = serializers.CharField(help_text="Markdown with LaTeX in $…$.")
    hints = serializers.ListField(child=serializers.CharField())
    parts = PartSerializer(many=True)


class ResultSerializer(serializers.Serializer[Any]):
    score = serializers.FloatField()
    max_score = serializers.FloatField()
    questions = MarkedSerializer(many=True)


class AttemptList(Endpoint, ListAPIView[Attempt]):
    serializer_class = AttemptSerializer
    command_scope = Scope.ATTEMPTS
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Attempt]:
        return own_attempts(self.request)

    @extend_schema(summary="Свои попытки", tags=["attempts"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> JsonResponse:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Начать квиз или продолжить начатый",
        tags=["attempts"],
        request=NewAttemptSerializer,
        responses={201: AttemptDetailSerializer, 200: AttemptDetailSerializer},
    )
    def post(self, request: Request) -> JsonResponse:
        new = NewAttemptSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        who = {"quiz": new.validated_data["chapter"], "user": caller(request)}
        running = running_attempt(**who, guest_key="")
        attempt = running or start_attempt(**who, guest_key="")
        body = _detail(request, attempt)
        status = 200 if running else 201
        return JsonResponse(body, status, headers={"Location": body["address"]})


class AttemptDetail(Endpoint):
    @extend_schema(
        summary="Попытка, её вопросы и данные ответы",
        tags=["attempts"],
        responses=AttemptDetailSerializer,
    )
    def get(self, request: Request, attempt_id: UUID) -> JsonResponse:
        return JsonResponse(_detail(request, _own(request, attempt_id)))


class Answer(Endpoint):
    command_scope = Scope.ATTEMPTS

    @extend_schema(
        summary="Ответить на вопрос (ошибка формы — 422, ничего не сохраняется)",
        tags=["attempts"],
        request=AnswerSerializer,
        responses=SavedSerializer,
    )
    def put(self, request: Request, attempt_id: UUID, position: int) -> JsonResponse:
        attempt = _own(request, attempt_id)
        response = response_at(attempt, position)
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return JsonResponse(_save(response, given.validated_data["answer"]))


class Finish(Endpoint):
    command_scope = Scope.ATTEMPTS

    @extend_schema(
        summary="Завершить попытку (повторный вызов ничего не меняет)",
        tags=["attempts"],
        request=None,
        responses=ResultSerializer,
    )
    def post(self, request: Request, attempt_id: UUID) -> JsonResponse:
        attempt = _own(request, attempt_id)
        finish_attempt(attempt=attempt)
        return JsonResponse(_result(attempt))


class Result(Endpoint):
    @extend_schema(
        summary="Результат завершённой попытки с разбором",
        tags=["attempts"],
        responses=ResultSerializer,
    )
    def get(self, request: Request, attempt_id: UUID) -> JsonResponse:
        return JsonResponse(_result(_own(request, attempt_id)))


def own_attempts(request: Request) -> QuerySet[Attempt]:
    if not request.user.is_authenticated:  # only ever the schema's generator
        return Attempt.objects.none()
    own = Attempt.objects.filter(user=request.user)
    return own.select_related("quiz__chapter")


def _own(request: Request, attempt_id: UUID) -> Attempt:
    return get_object_or_404(own_attempts(request), pk=attempt_id)


def _detail(request: Request, attempt: Attempt) -> dict[str, Any]:
    body = AttemptSerializer(attempt, context={"request": request}).data
    return {**body, "questions": [shown(one) for one in responses_of(attempt)]}


def _save(response: Response, raw: Raw) -> dict[str, Any]:
    """Save an answer that can be read; a slip of the pen is told and costs nothing."""
    try:
        _refuse_malformed(response.variant.parse(raw))
        saved = save_answer(response=response, raw=raw)
    except TooLong as error:
        raise Invalid({"answer": [str(error)]}, "too_long") from error
    except AttemptFinished as error:
        raise Conflict(_("Попытка уже завершена.")) from error
    understood = dict(saved.parsed.echo)
    state = saved.parsed.state
    return {"state": state, "understood": understood, "saved_at": saved.at}


def _refuse_malformed(parsed: Parsed) -> None:
    if parsed.errors:
        # "" is the one field of a question that has no others.
        errors: Any = {name: [text] for name, text in parsed.errors.items()}
        raise Invalid({"answer": errors.get("", errors)}, "malformed")


def _result(attempt: Attempt) -> dict[str, Any]:
    if not behaviour_of(attempt).may_review(attempt):
        raise Conflict(_("Результат виден после завершения попытки."))
    return {
        "score": attempt.score,
        "max_score": attempt.max_score,
        "questions": [_marked(one) for one in responses_of(attempt)],
    }


def _marked(response: Response) -> dict[str, Any]:
    variant = response.variant
    return {
        "position": response.position,
        "mark": response.mark,
        "points": response.points,
        "max_points": response.version.points,
        "answer": response.answer,
        "right_answer": variant.key,
        "explanation": variant.question.explanation.plain(variant.values),
        "hints": response.hints,
        "parts": response.feedback.get("parts", []),
    }
