"""Taking a chapter's quiz: start, finish, result; one's own attempts only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response as JsonResponse
from rest_framework.reverse import reverse

from quizsite.accounts import access
from quizsite.api.base import Endpoint, caller
from quizsite.api.errors import Conflict
from quizsite.api.permissions import Scope
from quizsite.api.v1.judgements import (
    PractisedSerializer,
    ResultSerializer,
    own_attempt,
    own_attempts,
    practised,
    result_of,
)
from quizsite.api.v1.questions import QuestionSerializer, shown
from quizsite.courses.models import Assignment
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Attempt, Quiz, Response
from quizsite.quizzes.pages.attempt import seconds_left
from quizsite.quizzes.reviewing import concealed, shown_aspects
from quizsite.quizzes.rules import OWN_BEHAVIOURS, BehaviourName
from quizsite.quizzes.services import (
    MayNotStart,
    finish_attempt,
    responses_of,
    running_attempt,
    start_attempt,
)


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    chapter = serializers.SlugField(source="quiz.chapter.slug")
    course = serializers.SlugField(
        source="course.slug", allow_null=True, default=None, help_text="For whose."
    )
    finished = serializers.BooleanField(source="is_finished")
    seconds_left = serializers.SerializerMethodField(
        help_text="By the server's clock; null: as long as one likes."
    )
    address = serializers.SerializerMethodField(help_text="This attempt in the API.")

    class Meta:
        model = Attempt
        fields = [
            *("id", "chapter", "course", "behaviour", "asks_certainty", "started_at"),
            *("deadline", "seconds_left", "finished_at", "finished", "timed_out"),
            *("score", "max_score", "address"),
        ]
        read_only_fields = fields

    def get_seconds_left(self, attempt: Attempt) -> int | None:
        if attempt.is_finished:
            return None
        return seconds_left(attempt, timezone.now())

    def get_address(self, attempt: Attempt) -> str:
        return reverse("api:attempt", [attempt.pk], request=self.context["request"])


class AskedSerializer(QuestionSerializer):
    """A question of an attempt; in practice with what was said of it."""

    practice = PractisedSerializer(allow_null=True)


class AttemptDetailSerializer(AttemptSerializer):
    questions = AskedSerializer(many=True, source="shown_questions")

    class Meta(AttemptSerializer.Meta):
        fields = [*AttemptSerializer.Meta.fields, "questions"]
        read_only_fields = fields


class NewAttemptSerializer(serializers.Serializer[Any]):
    chapter = serializers.SlugField(help_text="Whose quiz is to be taken.")
    course = serializers.SlugField(
        required=False,
        allow_null=True,
        help_text="For whose course, which then decides how; null: for oneself.",
    )
    behaviour = serializers.ChoiceField(
        choices=[one.value for one in OWN_BEHAVIOURS],
        default=BehaviourName.TEST.value,
        help_text="How to take it for oneself.",
    )
    asks_certainty = serializers.BooleanField(default=False)

    def validate_chapter(self, slug: str) -> Quiz:
        quizzes = Quiz.objects.select_related("chapter")
        quiz = quizzes.filter(chapter__slug=slug).first()
        if quiz is None:
            message = _("У главы «%s» нет квиза.") % slug
            raise serializers.ValidationError(message, "unknown")
        return quiz


class AttemptList(Endpoint, ListAPIView[Attempt]):
    serializer_class = AttemptSerializer
    command_scope = Scope.ATTEMPTS
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Attempt]:
        return own_attempts(self.request)

    def paginate_queryset(self, queryset: Any) -> Any:
        page = super().paginate_queryset(queryset)
        return page and concealed(page)

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
        attempt, is_new = _start(request, new.validated_data)
        body = _detail(request, attempt)
        status = 201 if is_new else 200
        return JsonResponse(body, status, headers={"Location": body["address"]})


def _start(request: Request, wanted: dict[str, Any]) -> tuple[Attempt, bool]:
    """The attempt, and whether it is new."""
    quiz, assignment = wanted["chapter"], None
    if slug := wanted.get("course"):
        assignment = access.studied_assignment(request.user, quiz, slug)
    who: dict[str, Any] = {"quiz": quiz, "user": caller(request), "guest_key": ""}
    course = assignment.course if assignment else None
    running = running_attempt(**who, course=course)
    if running is not None:
        return running, False
    return _started(who, assignment, wanted), True


def _started(
    who: dict[str, Any], assignment: Assignment | None, wanted: dict[str, Any]
) -> Attempt:
    try:
        return start_attempt(
            **who,
            assignment=assignment,
            behaviour=wanted["behaviour"],
            asks_certainty=wanted["asks_certainty"],
        )
    except MayNotStart as refusal:
        raise Conflict(str(refusal)) from refusal


class AttemptDetail(Endpoint):
    @extend_schema(
        summary="Попытка, её вопросы и данные ответы",
        tags=["attempts"],
        responses=AttemptDetailSerializer,
    )
    def get(self, request: Request, attempt_id: UUID) -> JsonResponse:
        return JsonResponse(_detail(request, own_attempt(request, attempt_id)))


class Finish(Endpoint):
    command_scope = Scope.ATTEMPTS

    @extend_schema(
        summary="Завершить попытку (повторный вызов ничего не меняет)",
        tags=["attempts"],
        request=None,
        responses=ResultSerializer,
    )
    def post(self, request: Request, attempt_id: UUID) -> JsonResponse:
        attempt = own_attempt(request, attempt_id)
        finish_attempt(attempt=attempt)
        responses = responses_of(attempt)
        return JsonResponse(result_of(attempt, responses, shown_aspects(attempt)))


class Result(Endpoint):
    @extend_schema(
        summary="Результат завершённой попытки: то, что уже можно видеть",
        tags=["attempts"],
        responses=ResultSerializer,
    )
    def get(self, request: Request, attempt_id: UUID) -> JsonResponse:
        attempt = own_attempt(request, attempt_id)
        if not attempt.is_finished:
            raise Conflict(_("Результат виден после завершения попытки."))
        aspects = shown_aspects(attempt)
        if not aspects:
            raise Conflict(_("Результаты этой попытки пока не показываются."))
        return JsonResponse(result_of(attempt, responses_of(attempt), aspects))


def _detail(request: Request, attempt: Attempt) -> dict[str, Any]:
    aspects = shown_aspects(attempt)
    (attempt,) = concealed([attempt])
    body = AttemptSerializer(attempt, context={"request": request}).data
    return {**body, "questions": [_asked(o, aspects) for o in responses_of(attempt)]}


def _asked(response: Response, aspects: frozenset[Aspect]) -> dict[str, Any]:
    asked = {**shown(response), "practice": practised(response, aspects)}
    if Aspect.ANSWER not in aspects:
        asked |= {"answer": None, "state": "blank", "certainty": None}
    return asked
