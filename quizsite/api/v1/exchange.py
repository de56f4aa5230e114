"""Questions to and from other systems, for those who run the site.

The rules are the page's. Nothing is loaded: an import answers with a file's text.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from quizsite.accounts.access import require_staff
from quizsite.api.base import Endpoint
from quizsite.api.permissions import Scope
from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes.exchange import FORMATS, files
from quizsite.quizzes.exchange.items import Unreadable


class ExportQuerySerializer(serializers.Serializer[Any]):
    to = serializers.ChoiceField(choices=list(FORMATS), default="moodle")
    variants = serializers.IntegerField(
        default=1, min_value=1, max_value=files.MOST_VARIANTS
    )


class LossSerializer(serializers.Serializer[Any]):
    question = serializers.CharField()
    message = serializers.CharField()


class ConvertedSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="For the file.")
    content = serializers.CharField()
    questions = serializers.IntegerField()
    losses = LossSerializer(many=True, help_text="What the other side cannot say.")


class ForeignFileSerializer(serializers.Serializer[Any]):
    content = serializers.CharField(
        trim_whitespace=False, help_text="Moodle XML or GIFT."
    )
    title = serializers.CharField(max_length=200)
    section = serializers.IntegerField(default=1, min_value=1, max_value=999)


class QuestionExport(Endpoint):
    @extend_schema(
        summary="Вопросы главы для другой системы",
        tags=["staff"],
        operation_id="question_exports_retrieve",
        parameters=[OpenApiParameter("slug", str, "path"), ExportQuerySerializer],
        responses=ConvertedSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        require_staff(request.user)
        path = files.chapters().get(slug)
        if path is None:
            raise Http404
        how = ExportQuerySerializer(data=request.query_params)
        how.is_valid(raise_exception=True)
        try:
            made = files.exported(path, **how.validated_data)
        except DocumentError as error:
            message = _("Файл главы не читается: %s") % error
            raise serializers.ValidationError({"slug": message}) from error
        return Response(ConvertedSerializer(made).data)


class QuestionImport(Endpoint):
    command_scope = Scope.STAFF

    @extend_schema(
        summary="Вопросы другой системы — в quiz.yaml для автора",
        tags=["staff"],
        request=ForeignFileSerializer,
        responses=ConvertedSerializer,
    )
    def post(self, request: Request) -> Response:
        require_staff(request.user)
        sent = ForeignFileSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        foreign = sent.validated_data
        content = foreign.pop("content").encode(errors="replace")
        try:
            made = files.imported(content, **foreign)
        except Unreadable as error:
            raise serializers.ValidationError({"content": str(error)}) from error
        return Response(ConvertedSerializer(made).data)
