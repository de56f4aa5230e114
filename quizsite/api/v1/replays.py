"""What one's own submission was run on, to be run again elsewhere.

Public checks only: hidden inputs are for instructors, who take them from the page.
"""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from exercises.spec import Exercise, UnknownExercise, load_exercise
from quizsite.api.base import Endpoint
from quizsite.api.errors import Conflict
from quizsite.api.parsers import ZipOrProblem
from quizsite.api.throttles import Guests, People, Sending
from quizsite.api.v1.submissions import own_submissions
from quizsite.submissions import bundles
from quizsite.submissions.models import Bundle, Submission


class ReplaySerializer(serializers.Serializer[Bundle]):
    state = serializers.SerializerMethodField(help_text="Ask again while it waits.")
    archive = serializers.SerializerMethodField(help_text="Null until it is ready.")

    def get_state(self, bundle: Bundle) -> str:
        if bundle.problem:
            return "failed"
        return "ready" if bundle.is_ready else "waiting"

    def get_archive(self, bundle: Bundle) -> str | None:
        name, request = "api:replay_zip", self.context["request"]
        if not bundle.is_ready:
            return None
        return reverse(name, [bundle.submission_id], request=request)


class Replay(Endpoint):
    throttle_classes = [Guests, People, Sending]

    @extend_schema(
        summary="Собрать архив, чтобы повторить проверку у себя (повторять, пока ждёт)",
        tags=["submissions"],
        request=None,
        responses={200: ReplaySerializer, 202: ReplaySerializer},
    )
    def post(self, request: Request, submission_id: UUID) -> Response:
        submission, exercise = _own(request, submission_id)
        bundle = bundles.replay(submission=submission, exercise=exercise)
        body = ReplaySerializer(bundle, context={"request": request}).data
        return Response(body, status=202 if body["state"] == "waiting" else 200)


class ReplayZip(Endpoint):
    renderer_classes = [JSONRenderer, ZipOrProblem]

    @extend_schema(
        summary="Код, входы открытых проверок, ответы эталона и программа (zip)",
        tags=["submissions"],
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, submission_id: UUID) -> HttpResponse:
        submission, exercise = _own(request, submission_id)
        bundle = bundles.known_replay(submission=submission)
        if bundle is None or not bundle.is_ready:
            raise Conflict(_("Архив ещё не собран: сначала POST на адрес replay/."))
        made = bundles.replay_zip(
            bundle=bundle, submission=submission, exercise=exercise
        )
        return HttpResponse(made, content_type="application/zip")


def _own(request: Request, submission_id: UUID) -> tuple[Submission, Exercise]:
    submission = get_object_or_404(own_submissions(request), pk=submission_id)
    try:
        exercise = load_exercise(submission.exercise)
    except UnknownExercise as error:
        raise Http404 from error
    if not bundles.is_replayable(submission, exercise):
        raise Conflict(_("Повторить нечего: код не запускался или задание изменилось."))
    return submission, exercise
