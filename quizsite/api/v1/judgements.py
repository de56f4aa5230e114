"""What is said of an answer, as far as its reader may see it now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.request import Request

from quizsite.api.v1.open_answers import OpenSerializer, opened
from quizsite.api.v1.questions import AnswerField
from quizsite.quizzes.behaviours import behaviour_of
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import Attempt, Response
from quizsite.quizzes.services import finish_if_over

Aspects = frozenset[Aspect]


class PartSerializer(serializers.Serializer[Any]):
    label: Any = serializers.CharField()
    ok = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)


class JudgedSerializer(serializers.Serializer[Any]):
    """Whatever may not be seen yet is null, or empty."""

    mark = serializers.FloatField(
        allow_null=True, help_text="From 0 to 1; null: not marked by machine."
    )
    points = serializers.FloatField(
        allow_null=True, help_text="After penalties, or weighed by certainty."
    )
    right_answer = AnswerField(allow_null=True)
    explanation = serializers.CharField(
        allow_null=True, help_text="Markdown with LaTeX in $…$."
    )
    hints = serializers.ListField(
        child=serializers.CharField(), help_text="Of what was confused."
    )
    parts = PartSerializer(many=True)


class MarkedSerializer(JudgedSerializer):
    """One question of a finished attempt."""

    position = serializers.IntegerField()
    max_points = serializers.FloatField()
    answer = AnswerField(allow_null=True)
    certainty = serializers.IntegerField(allow_null=True)
    open = OpenSerializer(allow_null=True, help_text="Null: no open question.")


class ResultSerializer(serializers.Serializer[Any]):
    shown = serializers.ListField(
        child=serializers.ChoiceField(choices=[one.value for one in Aspect]),
        help_text="What may be seen now.",
    )
    score = serializers.FloatField(allow_null=True)
    max_score = serializers.FloatField(allow_null=True)
    unmarked = serializers.IntegerField(
        allow_null=True, help_text="Answers that wait for an instructor; 0: final."
    )
    questions = MarkedSerializer(many=True)


class PractisedSerializer(JudgedSerializer):
    """What practice has said of a question so far."""

    checked = serializers.BooleanField()
    stale = serializers.BooleanField(help_text="The answer was changed since.")
    settled = serializers.BooleanField(help_text="The right answer was shown.")
    wrong_tries = serializers.IntegerField(help_text="Those that cost something.")
    hints_given = serializers.ListField(child=serializers.CharField())
    hints_left = serializers.IntegerField()


def own_attempts(request: Request) -> QuerySet[Attempt]:
    if not request.user.is_authenticated:  # only ever the schema's generator
        return Attempt.objects.none()
    own = Attempt.objects.filter(user=request.user)
    return own.select_related("quiz__chapter", "course")


def own_attempt(request: Request, attempt_id: UUID) -> Attempt:
    """The caller's attempt, ended if its time is up."""
    attempt = get_object_or_404(own_attempts(request), pk=attempt_id)
    finish_if_over(attempt=attempt)
    return attempt


def result_of(attempt: Attempt, responses: list[Response], shown: Aspects) -> Any:
    marked = Aspect.MARK in shown
    return {
        "shown": [one.value for one in Aspect if one in shown],
        "score": attempt.score if marked else None,
        "max_score": attempt.max_score if marked else None,
        "unmarked": attempt.unmarked if marked else None,
        "questions": [_marked(one, shown) for one in responses] if shown else [],
    }


def _marked(response: Response, shown: Aspects) -> dict[str, Any]:
    return {
        "position": response.position,
        "max_points": response.version.points,
        "answer": response.answer if Aspect.ANSWER in shown else None,
        "certainty": response.certainty if Aspect.ANSWER in shown else None,
        **judged(response, shown),
        "open": opened(response, shown),
    }


def judged(response: Response, shown: Aspects) -> dict[str, Any]:
    """The verdict; what is not shown is null or empty."""
    variant, feedback = response.variant, response.feedback
    marked, explained = Aspect.MARK in shown, Aspect.EXPLANATION in shown
    explanation = variant.question.explanation
    return {
        "mark": response.mark if marked else None,
        "points": response.points if marked else None,
        "right_answer": variant.key if Aspect.KEY in shown else None,
        "explanation": explanation.plain(variant.values) if explained else None,
        "hints": response.hints if Aspect.HINTS in shown else [],
        "parts": feedback.get("parts", []) if marked else [],
    }


def practised(response: Response, shown: Aspects) -> dict[str, Any] | None:
    """What practice has said so far; None where nothing is said before the end."""
    if not behaviour_of(response.attempt).checks:
        return None
    if response.revealed_at is None:
        shown = shown - {Aspect.KEY, Aspect.EXPLANATION}
    if response.checked_revision is None:
        shown = shown - {Aspect.MARK, Aspect.HINTS}
    variant = response.variant
    hints = [one.plain(variant.values) for one in variant.question.hints]
    return {
        **judged(response, shown),
        "checked": response.checked_revision is not None,
        "stale": response.checked_revision is not None and not response.is_checked,
        "settled": response.revealed_at is not None,
        "wrong_tries": response.wrong_tries,
        "hints_given": hints[: response.hints_taken],
        "hints_left": len(hints) - response.hints_taken,
    }
