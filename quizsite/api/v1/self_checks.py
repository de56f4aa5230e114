"""A reader compares their own open answer with its criteria."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response as JsonResponse

from quizsite.api.base import Endpoint
from quizsite.api.errors import Conflict, Invalid
from quizsite.api.permissions import Scope
from quizsite.api.v1.judgements import own_attempt
from quizsite.api.v1.open_answers import LevelsField, OpenSerializer, opened
from quizsite.quizzes.reviewing import shown_aspects
from quizsite.quizzes.services import NotSelfCheckable, response_at, self_check


class SelfCheckSerializer(serializers.Serializer[Any]):
    levels = LevelsField()


class SelfCheck(Endpoint):
    command_scope = Scope.ATTEMPTS

    @extend_schema(
        summary="Сверить свой открытый ответ: на балл это не влияет",
        tags=["attempts"],
        request=SelfCheckSerializer,
        responses=OpenSerializer,
    )
    def put(self, request: Request, attempt_id: UUID, position: int) -> JsonResponse:
        response = response_at(own_attempt(request, attempt_id), position)
        given = SelfCheckSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            self_check(response=response, levels=given.validated_data["levels"])
        except NotSelfCheckable as refusal:
            raise Conflict(_("Сверку этого ответа изменить уже нельзя.")) from refusal
        except ValueError as error:
            said = _("Выберите уровень по каждому критерию.")
            raise Invalid({"levels": [said]}, "levels") from error
        return JsonResponse(opened(response, shown_aspects(response.attempt)))
