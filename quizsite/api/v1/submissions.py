"""Code handed in, and what came of it; one's own only."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from exercises.spec import Exercise, UnknownExercise, load_exercise
from graders.intake import Intake, IntakeError, read_upload
from graders.places import without_fragments
from graders.report import for_student
from quizsite.api.base import Endpoint, caller
from quizsite.api.errors import Invalid
from quizsite.api.parsers import JsonBody
from quizsite.api.permissions import Scope
from quizsite.api.throttles import Guests, People, Sending
from quizsite.api.v1.code import CodeSerializer, IntakeSerializer
from quizsite.api.v1.reports import ReportSerializer
from quizsite.submissions.models import Submission
from quizsite.submissions.services import submit
from quizsite.submissions.waiting import Waiting, waiting

MAX_KEY = 255


class SubmissionSerializer(serializers.ModelSerializer[Submission]):
    address = serializers.SerializerMethodField(help_text="Ask here for the verdict.")
    page = serializers.SerializerMethodField(help_text="The same for people.")
    verdict: Any = serializers.CharField(help_text="Empty until it is done.")
    blame = serializers.ChoiceField(
        choices=["none", "student", "exercise", "system"], allow_null=True
    )

    class Meta:
        model = Submission
        fields = [
            *("id", "exercise", "state", "verdict", "blame", "score", "mistake"),
            *("filename", "created_at", "started_at", "finished_at"),
            *("address", "page"),
        ]
        read_only_fields = fields

    def get_address(self, submission: Submission) -> str:
        name = "api:submission"
        return reverse(name, [submission.pk], request=self.context["request"])

    def get_page(self, submission: Submission) -> str:
        request: Request = self.context["request"]
        return request.build_absolute_uri(submission.get_absolute_url())


class WaitingSerializer(serializers.Serializer[Waiting]):
    reason = serializers.CharField(help_text="For people, in their language.")
    for_gpu = serializers.BooleanField(
        help_text="Whether it waits for a worker with a GPU, and none answers."
    )
    since = serializers.DateTimeField()


class SubmissionDetailSerializer(SubmissionSerializer):
    waiting = serializers.SerializerMethodField(
        help_text="What it waits for; null once it is done."
    )
    report = serializers.SerializerMethodField(
        help_text="Every check with its message; null until the submission is done."
    )

    intake = serializers.SerializerMethodField(
        help_text="Which cells and names were taken, what was left out and why."
    )

    class Meta(SubmissionSerializer.Meta):
        fields = [
            *SubmissionSerializer.Meta.fields,
            "source",
            "intake",
            "waiting",
            "report",
        ]
        read_only_fields = fields

    @extend_schema_field(IntakeSerializer)
    def get_intake(self, submission: Submission) -> dict[str, Any]:
        return Intake("").as_json() | without_fragments(submission.intake_notes)

    @extend_schema_field(WaitingSerializer(allow_null=True))
    def get_waiting(self, submission: Submission) -> dict[str, Any] | None:
        found = waiting(submission)
        return WaitingSerializer(found).data if found else None

    @extend_schema_field(ReportSerializer(allow_null=True))
    def get_report(self, submission: Submission) -> dict[str, Any] | None:
        return for_student(submission.report) if submission.report else None


class NewSubmissionSerializer(CodeSerializer):
    exercise = serializers.SlugField()

    def validate_exercise(self, slug: str) -> Exercise:
        try:
            return load_exercise(slug)
        except UnknownExercise as error:
            message = _("Задания «%s» нет.") % slug
            raise serializers.ValidationError(message, "unknown") from error


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="The same key again gives the same submission: repeat at will.",
)


class SubmissionList(Endpoint, ListAPIView[Submission]):
    serializer_class = SubmissionSerializer
    parser_classes = [JsonBody, MultiPartParser]
    throttle_classes = [Guests, People, Sending]
    command_scope = Scope.SUBMISSIONS
    filterset_fields = ["exercise", "state", "verdict"]
    max_body = 9 * 1024 * 1024  # a notebook carries its plots

    def get_queryset(self) -> QuerySet[Submission]:
        return own_submissions(self.request).defer("source", "report", "intake_notes")

    @extend_schema(summary="Свои посылки", tags=["submissions"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Отправить решение",
        tags=["submissions"],
        parameters=[IDEMPOTENCY_KEY],
        request=NewSubmissionSerializer,
        responses={202: SubmissionSerializer},
    )
    def post(self, request: Request) -> Response:
        new = NewSubmissionSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        submission = _submit(request, new.validated_data)
        body = SubmissionSerializer(submission, context={"request": request}).data
        return Response(body, status=202, headers={"Location": body["address"]})


class SubmissionDetail(Endpoint, RetrieveAPIView[Submission]):
    serializer_class = SubmissionDetailSerializer
    lookup_url_kwarg = "submission_id"
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[Submission]:
        return own_submissions(self.request)

    @extend_schema(summary="Посылка с отчётом", tags=["submissions"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


def own_submissions(request: Request) -> QuerySet[Submission]:
    if not request.user.is_authenticated:  # only ever the schema's generator
        return Submission.objects.none()
    return Submission.objects.filter(user=request.user)


def _submit(request: Request, data: dict[str, Any]) -> Submission:
    exercise, content, name = data["exercise"], data["content"], data["filename"]
    key = _hashed_key(request)
    field = "file" if "file" in data else "source"
    try:
        if earlier := _sent_with(request, key):
            source = read_upload(content, name, exercise.requires).source
            return _repeated(earlier, exercise, source)
        return submit(
            user=caller(request),
            exercise=exercise,
            source=content,
            filename=name,
            idempotency_key=key,
        )
    except IntakeError as error:
        raise Invalid({field: [str(error)]}) from error


def _sent_with(request: Request, key: str) -> Submission | None:
    if not key:
        return None
    return own_submissions(request).filter(idempotency_key=key).first()


def _repeated(earlier: Submission, exercise: Exercise, source: str) -> Submission:
    if (earlier.exercise, earlier.source) != (exercise.slug, source):
        message = _("С этим ключом уже отправлено другое решение.")
        raise Invalid({"Idempotency-Key": [message]}, "reused")
    return earlier


def _hashed_key(request: Request) -> str:
    """Any key fits the column, and none meets a key of the site's own form."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY:
        message = _("Ключ длиннее %d символов.") % MAX_KEY
        raise Invalid({"Idempotency-Key": [message]}, "max_length")
    return hashlib.sha256(f"api\0{key}".encode()).hexdigest() if key else ""
