"""Instructors mark open answers; the same queue, leases and rules as on the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response as JsonResponse

from quizsite.accounts.access import marked_course
from quizsite.api.base import Endpoint, caller
from quizsite.api.errors import Conflict, Invalid
from quizsite.api.permissions import Scope
from quizsite.api.v1.open_answers import (
    AgreementSerializer,
    CriterionSerializer,
    GivenSerializer,
    LevelsField,
    agreement,
    criteria_of,
)
from quizsite.quizzes.marking.agreement import QuestionAgreement, agreements
from quizsite.quizzes.marking.forms import QueueForm
from quizsite.quizzes.marking.queue import (
    MOST_SAMPLE,
    SAMPLE,
    Queue,
    Which,
    open_answers,
)
from quizsite.quizzes.marking.recording import (
    AlreadyMarked,
    Judgement,
    NotMarkable,
    record_mark,
)
from quizsite.quizzes.models import Response
from quizsite.quizzes.models.marks import MOST_COMMENT
from quizsite.quizzes.types.open import Open, bounded


class QueueSerializer(serializers.Serializer[Any]):
    """What is asked for."""

    which = serializers.ChoiceField(choices=Which.values, default=Which.WAITING.value)
    quiz = serializers.SlugField(default="", allow_blank=True, help_text="A chapter.")
    question = serializers.IntegerField(
        default=None, allow_null=True, min_value=1, help_text="Its question_id."
    )
    size = serializers.IntegerField(
        default=SAMPLE, min_value=1, max_value=MOST_SAMPLE, help_text="Of the sample."
    )
    names = serializers.BooleanField(default=False, help_text="Marking is anonymous.")


class TakeSerializer(QueueSerializer):
    after = serializers.IntegerField(
        default=None, allow_null=True, help_text="The id of an answer to be skipped."
    )


class OpenAnswerSerializer(serializers.Serializer[Response]):
    id = serializers.IntegerField(source="pk")
    chapter = serializers.SlugField(source="attempt.quiz.chapter.slug")
    question = serializers.SlugField(source="version.question.slug")
    question_id = serializers.IntegerField(source="version.question_id")
    finished_at = serializers.DateTimeField(source="attempt.finished_at")
    mark = serializers.FloatField(allow_null=True)
    student = serializers.SerializerMethodField(help_text="Null: names are hidden.")

    def get_student(self, response: Response) -> str | None:
        user = response.attempt.user
        return user.shown_name if user and self.context["names"] else None


class OpenAnswerDetailSerializer(OpenAnswerSerializer):
    text = serializers.SerializerMethodField(help_text="Of the question.")
    answer = serializers.SerializerMethodField()
    right_answer = serializers.SerializerMethodField(help_text="An example.")
    criteria = serializers.SerializerMethodField()
    marks = GivenSerializer(many=True, source="open_marks")

    def get_text(self, response: Response) -> str:
        variant = response.variant
        return variant.question.text.plain(variant.values)

    def get_answer(self, response: Response) -> str:
        return bounded(response.answer)

    def get_right_answer(self, response: Response) -> str:
        return _drawn(response).sample

    @extend_schema_field(CriterionSerializer(many=True))
    def get_criteria(self, response: Response) -> Any:
        return criteria_of(_drawn(response))


class NewMarkSerializer(serializers.Serializer[Any]):
    levels = LevelsField()
    comment = serializers.CharField(
        max_length=MOST_COMMENT, default="", allow_blank=True, help_text="Markdown."
    )
    based_on = serializers.IntegerField(
        min_value=0, help_text="The number of the last mark that was seen, or 0."
    )


class MarkedAnswerSerializer(GivenSerializer):
    agreement = AgreementSerializer(
        allow_null=True, help_text="With what the student said of their own answer."
    )

    class Meta(GivenSerializer.Meta):
        fields = [*GivenSerializer.Meta.fields, "agreement"]
        read_only_fields = fields


class QuestionAgreementSerializer(serializers.Serializer[QuestionAgreement]):
    chapter = serializers.SlugField(source="question.quiz.chapter.slug")
    question = serializers.SlugField(source="question.slug")
    answers = serializers.IntegerField(help_text="Those that both have marked.")
    share = serializers.FloatField()
    kappa = serializers.FloatField(
        allow_null=True, help_text="Pooled; null below ten answers, or undefined."
    )


class MarkingEndpoint(Endpoint):
    """``slug``: of a course; without one, for staff, the answers outside of courses."""

    command_scope = Scope.STAFF

    def asked(
        self, data: Any, kind: type[QueueSerializer] = QueueSerializer
    ) -> dict[str, Any]:
        given = kind(data=data)
        given.is_valid(raise_exception=True)
        return given.validated_data

    def queue(self, request: Request, slug: str | None, asked: dict[str, Any]) -> Queue:
        course = marked_course(request.user, slug)
        names = {"which", "quiz", "question", "size"}
        form = QueueForm({name: asked[name] or "" for name in names}, course=course)
        queue = form.queue
        if form.errors:  # on the page one chooses from what there is
            errors = {name: list(map(str, said)) for name, said in form.errors.items()}
            raise Invalid(errors, "unknown")
        return queue


class MarkingQueue(MarkingEndpoint, ListAPIView[Response]):
    serializer_class = OpenAnswerSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Response]:
        if getattr(self, "swagger_fake_view", False):
            return Response.objects.none()
        slug = self.kwargs.get("slug")
        return self.queue(self.request, slug, self.asked(self.request.GET)).rows

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        fake = getattr(self, "swagger_fake_view", False)
        asked = {} if fake else self.asked(self.request.GET)
        return {**context, "names": asked.get("names", False)}

    @extend_schema(
        summary="Очередь проверки открытых ответов",
        tags=["marking"],
        parameters=[QueueSerializer],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> JsonResponse:
        marked_course(request.user, kwargs.get("slug"))
        return super().get(request, *args, **kwargs)


class MarkingTake(MarkingEndpoint):
    @extend_schema(
        summary="Взять следующий ответ: другим он пока не выдаётся",
        tags=["marking"],
        request=TakeSerializer,
        responses={200: OpenAnswerDetailSerializer, 204: None},
    )
    def post(self, request: Request, slug: str | None = None) -> JsonResponse:
        marked_course(request.user, slug)
        asked = self.asked(request.data, TakeSerializer)
        queue = self.queue(request, slug, asked)
        found = queue.take(caller(request), after=asked["after"])
        if found is None:
            return JsonResponse(status=204)
        response = open_answers(queue.course).get(pk=found)
        return JsonResponse(_detail(response, names=asked["names"]))


class MarkingAnswer(MarkingEndpoint):
    @extend_schema(
        summary="Открытый ответ, критерии и прежние отметки",
        tags=["marking"],
        parameters=[QueueSerializer],
        responses=OpenAnswerDetailSerializer,
    )
    def get(
        self, request: Request, response_id: int, slug: str | None = None
    ) -> JsonResponse:
        response = _answer(request, response_id, slug)
        names = self.asked(request.GET)["names"]
        return JsonResponse(_detail(response, names=names))


class MarkingMarks(MarkingEndpoint):
    @extend_schema(
        summary="Поставить отметку; 409, если с тех пор её поставил другой",
        tags=["marking"],
        request=NewMarkSerializer,
        responses={201: MarkedAnswerSerializer},
    )
    def post(
        self, request: Request, response_id: int, slug: str | None = None
    ) -> JsonResponse:
        response = _answer(request, response_id, slug)
        new = NewMarkSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        return JsonResponse(_record(request, response, **new.validated_data), 201)


class MarkingAgreement(MarkingEndpoint):
    @extend_schema(
        summary="Согласие преподавателей с самопроверкой, по вопросам",
        tags=["marking"],
        responses=QuestionAgreementSerializer(many=True),
    )
    def get(self, request: Request, slug: str | None = None) -> JsonResponse:
        found: Any = agreements(open_answers(marked_course(request.user, slug)))
        return JsonResponse(QuestionAgreementSerializer(found, many=True).data)


def _answer(request: Request, response_id: int, slug: str | None) -> Response:
    course = marked_course(request.user, slug)
    return get_object_or_404(open_answers(course), pk=response_id)


def _record(
    request: Request, response: Response, levels: list[int], comment: str, based_on: int
) -> Any:
    try:
        mark = record_mark(
            response=response,
            marker=caller(request),
            judgement=Judgement(levels, comment),
            based_on=based_on,
        )
    except NotMarkable as error:
        said = _("Выберите уровень по каждому критерию.")
        raise Invalid({"levels": [said]}, "levels") from error
    except AlreadyMarked as error:
        number = error.latest.number if error.latest else 0
        said = _("Ответ проверил другой преподаватель: последняя отметка — №\u00a0%d.")
        raise Conflict(said % number) from error
    given = GivenSerializer(mark).data
    return {**given, "agreement": agreement(response, mark)}


def _detail(response: Response, *, names: bool) -> Any:
    return OpenAnswerDetailSerializer(response, context={"names": names}).data


def _drawn(response: Response) -> Open:
    drawn = response.variant.drawn
    assert isinstance(drawn, Open)  # the queue has no other
    return drawn
