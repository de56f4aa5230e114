"""What the caller mixes up, and what the students of their course do."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from quizsite.accounts.access import taught_course
from quizsite.api.base import Endpoint, caller
from quizsite.dashboards.misconceptions import course_entry, course_ledger, strugglers
from quizsite.learning.ledger import ledger_of
from quizsite.learning.places import Located, Practice, located


class RereadSerializer(serializers.Serializer[Any]):
    chapter = serializers.SlugField(source="chapter.slug")
    number = serializers.IntegerField()
    title = serializers.CharField()
    url = serializers.CharField(help_text="Of the textbook; it may be empty.")


class PlaceSerializer(serializers.Serializer[Practice]):
    kind = serializers.CharField(source="spot.kind", help_text="quiz or exercise.")
    item = serializers.SlugField(source="spot.item", help_text="Chapter or exercise.")
    question = serializers.CharField(source="spot.question", help_text="Of a quiz.")
    times = serializers.IntegerField()
    overcome = serializers.BooleanField()


class MisconceptionSerializer(serializers.Serializer[Located]):
    id = serializers.SlugField(source="entry.misconception.id")
    title = serializers.CharField(source="entry.misconception.title")
    times = serializers.IntegerField(source="entry.times")
    last = serializers.DateTimeField(source="entry.last")
    overcome = serializers.BooleanField(source="entry.overcome")
    section = RereadSerializer(allow_null=True, help_text="To reread.")
    practice = PlaceSerializer(many=True, help_text="Where it was met.")


class ClassMisconceptionSerializer(MisconceptionSerializer):
    students = serializers.SerializerMethodField()
    stuck = serializers.SerializerMethodField(help_text="Who have not overcome it.")

    def get_students(self, one: Located) -> int:
        return len(one.entry.people)

    def get_stuck(self, one: Located) -> int:
        return len(one.entry.stuck)


class StrugglerSerializer(serializers.Serializer[Any]):
    student = serializers.CharField(source="user.shown_name")
    username = serializers.CharField(source="user.username")
    times = serializers.IntegerField(source="entry.times")
    last = serializers.DateTimeField(source="entry.last")
    overcome = serializers.BooleanField(source="entry.overcome")


class NamedMisconceptionSerializer(ClassMisconceptionSerializer):
    who = StrugglerSerializer(many=True)


class Misconceptions(Endpoint):
    @extend_schema(
        summary="Что путается и что из этого уже преодолено",
        tags=["learning"],
        operation_id="misconceptions",
        responses=MisconceptionSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        found: Any = located(ledger_of(caller(request)))
        return Response(MisconceptionSerializer(found, many=True).data)


class CourseMisconceptions(Endpoint):
    @extend_schema(
        summary="Что путают студенты курса, без имён",
        tags=["courses"],
        operation_id="course_misconceptions",
        responses=ClassMisconceptionSerializer(many=True),
    )
    def get(self, request: Request, slug: str) -> Response:
        found: Any = located(course_ledger(taught_course(request.user, slug)))
        return Response(ClassMisconceptionSerializer(found, many=True).data)


class CourseMisconception(Endpoint):
    @extend_schema(
        summary="Одно заблуждение курса и у кого оно встретилось",
        tags=["courses"],
        operation_id="course_misconception",
        responses=NamedMisconceptionSerializer,
    )
    def get(self, request: Request, slug: str, tag: str) -> Response:
        course = taught_course(request.user, slug)
        shown: Any = course_entry(course, tag)
        said = ClassMisconceptionSerializer(shown).data
        who: Any = strugglers(course, shown)
        return Response({**said, "who": StrugglerSerializer(who, many=True).data})
