"""Exercises, as far as whoever solves them may know them.

Fields are listed one by one: a new field of an exercise stays unpublished until
somebody decides otherwise. The reference, hidden inputs and the known mistakes are
never among them.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from exercises.spec import Exercise, UnknownExercise, all_exercises, load_exercise
from quizsite.api.base import PublicEndpoint


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


def exercise_or_404(slug: str) -> Exercise:
    try:
        return load_exercise(slug)
    except UnknownExercise as error:
        raise Http404 from error
