"""Open answers as the API shows them: criteria, marks, agreement."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from quizsite.quizzes.marking.agreement import agreement_of
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.models import OpenMark, Response
from quizsite.quizzes.services import self_levels
from quizsite.quizzes.types.open import Open

LEVELS_HELP = "The chosen level of each criterion, from 0; of a fact 0 or 1."


class CriterionLevelSerializer(serializers.Serializer[Any]):
    points = serializers.FloatField()
    text = serializers.CharField(help_text="Markdown; of a fact nothing.")


class CriterionSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="Markdown: a fact, or a rubric's row.")
    levels = CriterionLevelSerializer(many=True, help_text="The least first.")


class LevelsField(serializers.ListField):
    """A level for each criterion; which there are only the question knows."""

    def __init__(self, **kwargs: Any) -> None:
        level = serializers.IntegerField(min_value=0, max_value=9)
        kwargs.setdefault("help_text", LEVELS_HELP)
        super().__init__(child=level, max_length=10, **kwargs)


class GivenSerializer(serializers.ModelSerializer[OpenMark]):
    """An instructor's mark."""

    marker = serializers.CharField(source="marker.shown_name", default=None)
    levels = LevelsField()

    class Meta:
        model = OpenMark
        fields = ["number", "marker", "created_at", "levels", "share", "comment"]
        read_only_fields = fields


class AgreementSerializer(serializers.Serializer[Any]):
    same = serializers.IntegerField(help_text="Criteria with the same level.")
    total = serializers.IntegerField()


class OpenSerializer(serializers.Serializer[Any]):
    """What an open answer is compared with, by its reader and by an instructor."""

    criteria = CriterionSerializer(many=True, help_text="Empty: not to be seen yet.")
    self_levels = LevelsField(allow_null=True)
    awaits_mark = serializers.BooleanField(help_text="The score is not final.")
    given = GivenSerializer(allow_null=True, help_text="The mark that counts.")
    agreement = AgreementSerializer(allow_null=True)


def criteria_of(drawn: Open) -> list[dict[str, Any]]:
    return [
        {
            "text": one.text,
            "levels": [{"points": n.points, "text": n.text} for n in one.levels],
        }
        for one in drawn.criteria
    ]


def agreement(response: Response, mark: OpenMark | None) -> dict[str, int] | None:
    own = self_levels(response)
    if own is None or mark is None:
        return None
    both = agreement_of(own, mark.levels)
    return {"same": both.same, "total": both.total}


def opened(response: Response, shown: frozenset[Aspect]) -> dict[str, Any] | None:
    """For its reader, as far as it may be seen; None: no open question."""
    drawn = response.variant.drawn
    if not isinstance(drawn, Open):
        return None
    marked = Aspect.MARK in shown
    given = response.open_marks.last() if marked else None
    return {
        "criteria": criteria_of(drawn) if Aspect.KEY in shown else [],
        "self_levels": self_levels(response),
        "awaits_mark": marked and response.awaits_mark,
        "given": given and GivenSerializer(given).data,
        "agreement": agreement(response, given),
    }
