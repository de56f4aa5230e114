"""What single students are granted beyond an assignment; for its instructors."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from quizsite.accounts.access import taught_assignment
from quizsite.accounts.models import User
from quizsite.api.base import Endpoint, caller
from quizsite.api.permissions import Scope
from quizsite.courses.models import Assignment, Override
from quizsite.courses.terms import grant, revoke

OF_QUIZZES = ("time_factor", "extra_minutes", "extra_attempts", "opens_at", "closes_at")


class TermsSerializer(serializers.ModelSerializer[Override]):
    """What is granted; what is absent stays as it is for everybody.

    To be validated for the ``assignment`` in its context.
    """

    time_factor = serializers.FloatField(
        default=1, min_value=1, max_value=10, help_text="Of the time limit."
    )
    extra_minutes = serializers.IntegerField(default=0, min_value=0, max_value=10_000)
    extra_attempts = serializers.IntegerField(default=0, min_value=0, max_value=1000)
    opens_at = serializers.DateTimeField(default=None, allow_null=True)
    due_at = serializers.DateTimeField(default=None, allow_null=True)
    closes_at = serializers.DateTimeField(default=None, allow_null=True)
    reason = serializers.CharField(default="", allow_blank=True, max_length=200)

    class Meta:
        model = Override
        fields = [
            *("time_factor", "extra_minutes", "extra_attempts"),
            *("opens_at", "due_at", "closes_at", "reason"),
        ]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.context["assignment"].is_quiz:
            return attrs
        moot = [name for name in OF_QUIZZES if attrs[name] != self.fields[name].default]
        if moot:
            why = _("У задания по программированию можно изменить только срок: due_at.")
            raise serializers.ValidationError(dict.fromkeys(moot, why))
        return attrs


class OverrideSerializer(TermsSerializer):
    student = serializers.CharField(source="user.username", read_only=True)

    class Meta(TermsSerializer.Meta):
        fields = ["student", *TermsSerializer.Meta.fields, "granted_at"]
        read_only_fields = ["granted_at"]


class OverrideList(Endpoint, ListAPIView[Override]):
    serializer_class = OverrideSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Override]:
        if getattr(self, "swagger_fake_view", False):
            return Override.objects.none()
        assignment = taught_assignment(self.request.user, **self.kwargs)
        return assignment.overrides.select_related("user")

    @extend_schema(summary="Исключения для студентов", tags=["courses"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class OverrideDetail(Endpoint):
    command_scope = Scope.STAFF

    @extend_schema(
        summary="Дать студенту больше времени, попыток или другие сроки",
        tags=["courses"],
        request=TermsSerializer,
        responses=OverrideSerializer,
    )
    def put(self, request: Request, username: str, **where: Any) -> Response:
        assignment = taught_assignment(request.user, **where)
        student = _student(assignment, username)
        terms = TermsSerializer(data=request.data, context={"assignment": assignment})
        terms.is_valid(raise_exception=True)
        granted = grant(
            assignment=assignment,
            user=student,
            by=caller(request),
            terms=terms.validated_data,
        )
        return Response(OverrideSerializer(granted).data)

    @extend_schema(
        summary="Снять исключение",
        tags=["courses"],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, username: str, **where: Any) -> Response:
        assignment = taught_assignment(request.user, **where)
        found = assignment.overrides.filter(user__username=username)
        revoke(override=get_object_or_404(found))
        return Response(status=204)


def _student(assignment: Assignment, username: str) -> User:
    students = User.objects.filter(pk__in=assignment.course.student_ids)
    return get_object_or_404(students, username=username)
