"""The caller's own grades."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from quizsite.accounts.models import User
from quizsite.api.base import Endpoint, caller
from quizsite.courses.models import Course, Role
from quizsite.courses.progress import Cell, own_progress


class GradeSerializer(serializers.Serializer[Cell]):
    kind = serializers.ChoiceField(
        choices=["quiz", "exercise"], source="assignment.kind"
    )
    item = serializers.SlugField(
        source="assignment.item", help_text="Slug of the quiz's chapter or exercise."
    )
    title = serializers.CharField(source="assignment.title")
    due_at = serializers.DateTimeField(source="assignment.due_at", allow_null=True)
    stage = serializers.ChoiceField(choices=["untouched", "begun", "done", "late"])
    share = serializers.FloatField(
        allow_null=True, help_text="From 0 to 1; null: nothing yet, or still hidden."
    )
    hidden = serializers.BooleanField(help_text="Handed in; the grade is shown later.")
    points = serializers.FloatField(allow_null=True)
    max_points = serializers.FloatField(source="assignment.max_points")


class CourseGradesSerializer(serializers.Serializer[object]):
    course = serializers.SlugField(source="course.slug")
    title = serializers.CharField(source="course.title")
    points = serializers.FloatField(source="progress.points")
    max_points = serializers.FloatField(source="progress.max_points")
    grades = GradeSerializer(many=True, source="progress.cells")


class GradeList(Endpoint):
    @extend_schema(
        summary="Свои оценки по всем курсам",
        tags=["grades"],
        operation_id="grades_list",
        responses=CourseGradesSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        user = caller(request)
        found = [
            {"course": course, "progress": own_progress(course, user)}
            for course in _studied(user)
        ]
        return Response(CourseGradesSerializer(found, many=True).data)


def _studied(user: User) -> QuerySet[Course]:
    return Course.objects.filter(enrolments__user=user, enrolments__role=Role.STUDENT)
