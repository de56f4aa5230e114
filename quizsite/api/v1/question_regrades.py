"""Answers marked again after a question's key was mended, for those who run the site.

The rules are the page's: a dry run first, then one commit of it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from quizsite.accounts.access import require_staff, visible_question_regrade
from quizsite.api.base import Endpoint, caller
from quizsite.api.errors import Conflict
from quizsite.api.permissions import Scope
from quizsite.api.v1.regrades import CommitSerializer
from quizsite.quizzes import regrading
from quizsite.quizzes.models import (
    MarkChange,
    Question,
    QuestionRegrade,
    RegradeStage,
)


class QuestionRegradeSerializer(serializers.ModelSerializer[QuestionRegrade]):
    chapter = serializers.CharField(source="question.quiz.chapter.slug")
    question = serializers.CharField(source="question.slug")
    version = serializers.IntegerField(source="version.number")
    address = serializers.SerializerMethodField(help_text="Ask here for the outcome.")

    class Meta:
        model = QuestionRegrade
        fields = [
            *("id", "chapter", "question", "version", "stage", "never_lower"),
            *("created_at", "committed_at", "address"),
        ]
        read_only_fields = fields

    def get_address(self, regrade: QuestionRegrade) -> str:
        request = self.context["request"]
        return reverse("api:question_regrade", [regrade.pk], request=request)


class QuestionSummarySerializer(serializers.Serializer[object]):
    total = serializers.IntegerField()
    up = serializers.IntegerField()
    down = serializers.IntegerField()
    same = serializers.IntegerField()
    untouched = serializers.IntegerField(
        help_text="Answers to what is another question now; they stay as they were."
    )


class QuestionRegradeDetailSerializer(QuestionRegradeSerializer):
    summary = serializers.SerializerMethodField()

    class Meta(QuestionRegradeSerializer.Meta):
        fields = [*QuestionRegradeSerializer.Meta.fields, "summary"]
        read_only_fields = fields

    @extend_schema_field(QuestionSummarySerializer)
    def get_summary(self, regrade: QuestionRegrade) -> Any:
        return QuestionSummarySerializer(regrading.summary(regrade)).data


class MarkChangeSerializer(serializers.ModelSerializer[MarkChange]):
    """Whose answer changes, or why it cannot be marked again."""

    attempt_id = serializers.UUIDField(source="response.attempt_id")
    position = serializers.IntegerField(source="response.position")
    student = serializers.SerializerMethodField(help_text="Null: a guest.")
    old_credit = serializers.FloatField(
        allow_null=True, help_text="A share of the question's points."
    )
    credit = serializers.FloatField(allow_null=True)
    why = serializers.SerializerMethodField()

    class Meta:
        model = MarkChange
        fields = [
            *("attempt_id", "position", "student", "old_credit", "credit"),
            *("why", "committed"),
        ]
        read_only_fields = fields

    def get_student(self, change: MarkChange) -> str | None:
        user = change.response.attempt.user
        return user.username if user is not None else None

    def get_why(self, change: MarkChange) -> str:
        return change.problem or _("по новому ключу")


class NewQuestionRegradeSerializer(serializers.Serializer[Any]):
    chapter = serializers.SlugField()
    question = serializers.SlugField(help_text="Its id in the chapter's quiz.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        found = regrading.mended_questions().filter(
            quiz__chapter__slug=attrs["chapter"], slug=attrs["question"]
        )
        question = found.first()
        if question is None:
            message = _("Такого вопроса нет, или он не менялся.")
            raise serializers.ValidationError({"question": message}, "unknown")
        return {"question": question}


class CommittedMarksSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField(help_text="Answers worth something else now.")


class QuestionRegradeList(Endpoint, ListAPIView[QuestionRegrade]):
    serializer_class = QuestionRegradeSerializer
    command_scope = Scope.STAFF
    filterset_fields = ["stage"]

    def get_queryset(self) -> QuerySet[QuestionRegrade]:
        if getattr(self, "swagger_fake_view", False):
            return QuestionRegrade.objects.none()
        require_staff(self.request.user)
        return QuestionRegrade.objects.select_related(
            "question__quiz__chapter", "version"
        )

    @extend_schema(summary="Перепроверки вопросов (для сотрудников)", tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Проверить ответы на исправленный вопрос заново, пробно",
        tags=["staff"],
        request=NewQuestionRegradeSerializer,
        responses={201: QuestionRegradeDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        require_staff(request.user)
        new = NewQuestionRegradeSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        question: Question = new.validated_data["question"]
        made = regrading.begin(question=question, requested_by=caller(request))
        body = QuestionRegradeDetailSerializer(made, context={"request": request}).data
        return Response(body, status=201, headers={"Location": body["address"]})


class QuestionRegradeDetail(Endpoint):
    @extend_schema(
        summary="Перепроверка вопроса: у скольких изменится балл",
        tags=["staff"],
        operation_id="question_regrades_retrieve",
        responses=QuestionRegradeDetailSerializer,
    )
    def get(self, request: Request, regrade_id: UUID) -> Response:
        shown = visible_question_regrade(request.user, regrade_id)
        context = {"request": request}
        return Response(QuestionRegradeDetailSerializer(shown, context=context).data)


class QuestionRegradeChanges(Endpoint, ListAPIView[MarkChange]):
    serializer_class = MarkChangeSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[MarkChange]:
        if getattr(self, "swagger_fake_view", False):
            return MarkChange.objects.none()
        shown = visible_question_regrade(self.request.user, self.kwargs["regrade_id"])
        return regrading.told_changes(shown)

    @extend_schema(summary="У кого и почему изменится балл", tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class QuestionRegradeCommit(Endpoint):
    command_scope = Scope.STAFF

    @extend_schema(
        summary="Записать итог перепроверки вопроса",
        tags=["staff"],
        request=CommitSerializer,
        responses=CommittedMarksSerializer,
    )
    def post(self, request: Request, regrade_id: UUID) -> Response:
        shown = visible_question_regrade(request.user, regrade_id)
        how = CommitSerializer(data=request.data)
        how.is_valid(raise_exception=True)
        if shown.stage != RegradeStage.READY:
            raise Conflict
        changed = regrading.commit(regrade=shown, **how.validated_data)
        return Response({"changed": changed})


class QuestionRegradeCancel(Endpoint):
    command_scope = Scope.STAFF

    @extend_schema(
        summary="Отменить перепроверку вопроса",
        tags=["staff"],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, regrade_id: UUID) -> Response:
        shown = visible_question_regrade(request.user, regrade_id)
        if not regrading.cancel(regrade=shown):
            raise Conflict
        return Response(status=204)
