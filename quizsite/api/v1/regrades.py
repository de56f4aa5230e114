"""Regrades and restarts, for those who run the site; nobody else finds them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from exercises.spec import Exercise, UnknownExercise, load_exercise
from quizsite.accounts.access import (
    require_staff,
    restartable_submission,
    visible_regrade,
)
from quizsite.api.base import Endpoint, caller
from quizsite.api.errors import Conflict
from quizsite.api.permissions import Scope
from quizsite.api.v1.submissions import SubmissionSerializer
from quizsite.submissions import regrade_decision, regrading, services
from quizsite.submissions.changes import Direction, summary
from quizsite.submissions.models import Regrade


class RegradeSerializer(serializers.ModelSerializer[Regrade]):
    address = serializers.SerializerMethodField(help_text="Ask here for the changes.")

    class Meta:
        model = Regrade
        fields = [
            *("id", "exercise", "exercise_digest", "only_digest", "stage"),
            *("never_lower", "created_at", "finished_at", "committed_at", "address"),
        ]
        read_only_fields = fields

    def get_address(self, regrade: Regrade) -> str:
        return reverse("api:regrade", [regrade.pk], request=self.context["request"])


class ChangeSerializer(serializers.Serializer[object]):
    submission_id = serializers.UUIDField()
    student = serializers.CharField()
    direction = serializers.ChoiceField(choices=[one.value for one in Direction])
    old_verdict = serializers.CharField()
    old_score = serializers.FloatField()
    verdict = serializers.CharField()
    score = serializers.FloatField()
    why = serializers.CharField()
    committed = serializers.BooleanField()


class SummarySerializer(serializers.Serializer[object]):
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    up = serializers.IntegerField()
    down = serializers.IntegerField()
    other = serializers.IntegerField(help_text="The same points, another verdict.")
    same = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="They stay as they were.")
    changes = ChangeSerializer(many=True)


class RegradeDetailSerializer(RegradeSerializer):
    summary = serializers.SerializerMethodField()

    class Meta(RegradeSerializer.Meta):
        fields = [*RegradeSerializer.Meta.fields, "summary"]
        read_only_fields = fields

    @extend_schema_field(SummarySerializer)
    def get_summary(self, regrade: Regrade) -> Any:
        return SummarySerializer(summary(regrade)).data


class NewRegradeSerializer(serializers.Serializer[Any]):
    exercise = serializers.SlugField()
    only_digest = serializers.CharField(
        required=False, max_length=64, help_text="Only what this version graded."
    )

    def validate_exercise(self, slug: str) -> Exercise:
        try:
            return load_exercise(slug)
        except UnknownExercise as error:
            message = _("Задания «%s» нет.") % slug
            raise serializers.ValidationError(message, "unknown") from error


class CommitSerializer(serializers.Serializer[Any]):
    never_lower = serializers.BooleanField(default=False)


class CommittedSerializer(serializers.Serializer[Any]):
    written = serializers.IntegerField(help_text="Submissions that were changed.")


class RegradeList(Endpoint, ListAPIView[Regrade]):
    serializer_class = RegradeSerializer
    command_scope = Scope.STAFF
    filterset_fields = ["exercise", "stage"]

    def get_queryset(self) -> QuerySet[Regrade]:
        if getattr(self, "swagger_fake_view", False):
            return Regrade.objects.none()
        require_staff(self.request.user)
        return Regrade.objects.all()

    @extend_schema(summary="Перепроверки (для сотрудников)", tags=["staff"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Проверить все посылки задания заново, пробно",
        tags=["staff"],
        request=NewRegradeSerializer,
        responses={202: RegradeSerializer},
    )
    def post(self, request: Request) -> Response:
        require_staff(request.user)
        new = NewRegradeSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        regrade = regrading.begin(
            exercise=new.validated_data["exercise"],
            requested_by=caller(request),
            only_digest=new.validated_data.get("only_digest", ""),
        )
        body = RegradeSerializer(regrade, context={"request": request}).data
        return Response(body, status=202, headers={"Location": body["address"]})


class RegradeDetail(Endpoint):
    @extend_schema(
        summary="Перепроверка: у кого и почему изменится оценка",
        tags=["staff"],
        operation_id="regrades_retrieve",
        responses=RegradeDetailSerializer,
    )
    def get(self, request: Request, regrade_id: UUID) -> Response:
        shown = visible_regrade(request.user, regrade_id)
        context = {"request": request}
        return Response(RegradeDetailSerializer(shown, context=context).data)


class Commit(Endpoint):
    command_scope = Scope.STAFF

    @extend_schema(
        summary="Записать итог перепроверки",
        tags=["staff"],
        request=CommitSerializer,
        responses=CommittedSerializer,
    )
    def post(self, request: Request, regrade_id: UUID) -> Response:
        shown = visible_regrade(request.user, regrade_id)
        how = CommitSerializer(data=request.data)
        how.is_valid(raise_exception=True)
        if shown.stage != "ready":
            raise Conflict
        written = regrade_decision.commit(regrade=shown, **how.validated_data)
        return Response({"written": written})


class Restart(Endpoint):
    command_scope = Scope.STAFF

    @extend_schema(
        summary="Проверить заново посылку, сорванную не студентом",
        tags=["staff"],
        request=None,
        responses={202: SubmissionSerializer},
    )
    def post(self, request: Request, submission_id: UUID) -> Response:
        submission = restartable_submission(request.user, submission_id)
        try:
            exercise = load_exercise(submission.exercise)
        except UnknownExercise as error:
            raise Http404 from error
        if not services.restart(submission=submission, exercise=exercise):
            raise Conflict
        submission.refresh_from_db()
        body = SubmissionSerializer(submission, context={"request": request}).data
        return Response(body, status=202)
