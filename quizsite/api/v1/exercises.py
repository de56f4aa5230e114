"""Exercises, as far as whoever solves them may know them.

Fields are listed one by one: a new field of an exercise stays unpublished until
somebody decides otherwise. The reference, hidden inputs and the known mistakes are
never among them.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from exercises.spec import Exercise, UnknownExercise, all_exercises, load_exercise
from quizsite.api.base import PublicEndpoint
from quizsite.api.parsers import JsonBody, ZipOrProblem
from quizsite.api.throttles import Checking, Guests, People
from quizsite.api.v1.code import CodeSerializer, IntakeSerializer
from quizsite.submissions.bundles import examples_zip
from quizsite.submissions.formats import format_of


class LimitsSerializer(serializers.Serializer[object]):
    time_s = serializers.FloatField(help_text="Wall clock, for each case.")
    memory_mb = serializers.IntegerField()
    device_memory_mb = serializers.IntegerField(
        help_text="Of a GPU's own memory, for the checks that use one."
    )


class CheckSerializer(serializers.Serializer[object]):
    name = serializers.CharField()
    title = serializers.CharField()
    points = serializers.FloatField(
        help_text="None for what only a GPU can judge, if the exercise needs none."
    )
    public = serializers.BooleanField(help_text="Its inputs are shown in the report.")
    device = serializers.ChoiceField(
        choices=["cpu", "gpu"], help_text="Where the solution is called."
    )


class ExerciseSerializer(serializers.Serializer[Exercise]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    chapter = serializers.SlugField()
    section = serializers.IntegerField()
    difficulty = serializers.IntegerField(min_value=1, max_value=5)
    device = serializers.ChoiceField(choices=["cpu", "gpu", "any"])
    points = serializers.FloatField()
    address = serializers.SerializerMethodField(help_text="This exercise in the API.")

    def get_address(self, exercise: Exercise) -> str:
        return reverse("api:exercise", [exercise.slug], request=self.context["request"])


class ExerciseDetailSerializer(ExerciseSerializer):
    statement = serializers.CharField(help_text="Markdown with LaTeX in $…$.")
    starter = serializers.CharField(help_text="Python; fill in and submit.")
    requires = serializers.ListField(
        child=serializers.CharField(), help_text="Names a submission must define."
    )
    forbidden_api = serializers.ListField(child=serializers.CharField())
    forbidden_operators = serializers.ListField(child=serializers.CharField())
    limits = LimitsSerializer()
    checks = CheckSerializer(many=True)


@extend_schema(summary="Все задания", tags=["exercises"])
class ExerciseList(PublicEndpoint, ListAPIView[Any]):
    serializer_class = ExerciseSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> Any:
        return list(all_exercises())  # folders, not rows; a page of them is a slice


class ExerciseDetail(PublicEndpoint):
    @extend_schema(
        summary="Условие, заготовка и открытые сведения о проверках",
        tags=["exercises"],
        operation_id="exercises_retrieve",
        responses=ExerciseDetailSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        context = {"request": request}
        shown = exercise_or_404(slug)
        return Response(ExerciseDetailSerializer(shown, context=context).data)


class FormatSerializer(IntakeSerializer):
    ok = serializers.BooleanField(help_text="Whether it would be run.")
    verdict = serializers.ChoiceField(
        choices=["", "contract_error", "forbidden_api"], allow_blank=True
    )
    message = serializers.CharField(allow_blank=True, help_text="Why not.")
    filename = serializers.CharField()
    source: Any = serializers.CharField(help_text="What would be graded.")


class CheckFormat(PublicEndpoint):
    parser_classes = [JsonBody, MultiPartParser]
    throttle_classes = [Guests, People, Checking]
    max_body = 9 * 1024 * 1024  # a notebook carries its plots

    @extend_schema(
        summary="Проверить формат решения: ничего не запускается и не сохраняется",
        tags=["exercises"],
        request=CodeSerializer,
        responses=FormatSerializer,
    )
    def post(self, request: Request, slug: str) -> Response:
        exercise = exercise_or_404(slug)
        code = CodeSerializer(data=request.data)
        code.is_valid(raise_exception=True)
        content, name = code.validated_data["content"], code.validated_data["filename"]
        return Response(format_of(content, name, exercise).as_json())


class Examples(PublicEndpoint):
    renderer_classes = [JSONRenderer, ZipOrProblem]

    @extend_schema(
        summary="Открытые примеры с ожидаемыми ответами (zip)",
        description="Without `cases.json` in it a grader is still making them: "
        "ask again in a second.",
        tags=["exercises"],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        made, _is_complete = examples_zip(exercise=exercise_or_404(slug))
        return HttpResponse(made, content_type="application/zip")


def exercise_or_404(slug: str) -> Exercise:
    try:
        return load_exercise(slug)
    except UnknownExercise as error:
        raise Http404 from error
