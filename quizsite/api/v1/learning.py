"""What comes back to the caller, and how well their certainty is founded."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from quizsite.api.base import Endpoint, caller
from quizsite.api.errors import Conflict
from quizsite.api.permissions import Scope
from quizsite.api.v1.attempts import AttemptSerializer
from quizsite.learning.calibration import Level, calibration
from quizsite.learning.starting import Due, NothingDue, start_review, todays_queue
from quizsite.quizzes.models import Quiz


class DueSerializer(serializers.Serializer[Due]):
    chapter = serializers.SlugField(source="quiz.chapter.slug")
    title = serializers.CharField(source="quiz.title")
    questions = serializers.IntegerField(source="count", help_text="To ask today.")


class LevelSerializer(serializers.Serializer[Level]):
    certainty = serializers.IntegerField(help_text="1: low, 2: middle, 3: high.")
    answers = serializers.IntegerField()
    share = serializers.FloatField(
        allow_null=True, help_text="Of right first verdicts, 0 to 1."
    )
    wanted = serializers.ListField(
        child=serializers.FloatField(),
        help_text="The range of shares in which this level pays best.",
    )
    verdict = serializers.ChoiceField(choices=["few", "well", "over", "under"])


class LearningSerializer(serializers.Serializer[Any]):
    today = DueSerializer(many=True)
    calibration = LevelSerializer(many=True)


class Learning(Endpoint):
    @extend_schema(
        summary="Что повторить сегодня и оправдана ли уверенность",
        tags=["learning"],
        operation_id="learning",
        responses=LearningSerializer,
    )
    def get(self, request: Request) -> Response:
        user = caller(request)
        found = {
            "today": todays_queue(user, timezone.now()),
            "calibration": calibration(user),
        }
        return Response(LearningSerializer(found).data)


class Review(Endpoint):
    command_scope = Scope.ATTEMPTS

    @extend_schema(
        summary="Начать или продолжить повторение главы",
        tags=["learning"],
        operation_id="learning_review",
        request=None,
        responses={201: AttemptSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        quiz = get_object_or_404(Quiz, chapter__slug=slug)
        try:
            attempt = start_review(user=caller(request), quiz=quiz)
        except NothingDue:
            problem = _("Сегодня в этой главе повторять нечего.")
            raise Conflict(problem, "nothing_due") from None
        made = AttemptSerializer(attempt, context={"request": request})
        return Response(made.data, status=201)
