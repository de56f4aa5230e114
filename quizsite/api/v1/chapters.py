"""The book: its chapters, their sections, what there is to do in each."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.reverse import reverse

from exercises.spec import all_exercises
from quizsite.api.base import PublicEndpoint
from quizsite.book.models import Chapter, Section


class SectionSerializer(serializers.ModelSerializer[Section]):
    class Meta:
        model = Section
        fields = ["number", "title", "url"]


class ChapterSerializer(serializers.ModelSerializer[Chapter]):
    address = serializers.SerializerMethodField(help_text="This chapter in the API.")
    has_quiz = serializers.SerializerMethodField()

    class Meta:
        model = Chapter
        fields = ["slug", "order", "title", "summary", "url", "has_quiz", "address"]

    def get_address(self, chapter: Chapter) -> str:
        return reverse("api:chapter", [chapter.slug], request=self.context["request"])

    def get_has_quiz(self, chapter: Chapter) -> bool:
        return hasattr(chapter, "quiz")


class ChapterDetailSerializer(ChapterSerializer):
    sections = SectionSerializer(many=True)
    exercises = serializers.SerializerMethodField(help_text="Slugs.")

    class Meta(ChapterSerializer.Meta):
        fields = [*ChapterSerializer.Meta.fields, "sections", "exercises"]

    @extend_schema_field(serializers.ListField(child=serializers.SlugField()))
    def get_exercises(self, chapter: Chapter) -> list[str]:
        return [one.slug for one in all_exercises() if one.chapter == chapter.slug]


def _chapters() -> QuerySet[Chapter]:
    return Chapter.objects.select_related("quiz")


@extend_schema(summary="Все главы", tags=["chapters"])
class ChapterList(PublicEndpoint, ListAPIView[Chapter]):
    serializer_class = ChapterSerializer
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Chapter]:
        return _chapters()


@extend_schema(summary="Глава, её разделы и задания", tags=["chapters"])
class ChapterDetail(PublicEndpoint, RetrieveAPIView[Chapter]):
    serializer_class = ChapterDetailSerializer
    lookup_field = "slug"
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Chapter]:
        return _chapters().prefetch_related("sections")
