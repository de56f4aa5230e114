"""A question as JSON: what its page shows, and not a word of its key.

Every type lists what it shows; the key, hints and explanation live in the same
objects, so nothing is ever serialized whole.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from quizsite.quizzes.models import Response
from quizsite.quizzes.questions import Variant
from quizsite.quizzes.types.base import Drawn, Raw
from quizsite.quizzes.types.boxes import Boxes
from quizsite.quizzes.types.choice import ChoiceBody, Choices
from quizsite.quizzes.types.code_output import CodeOutput
from quizsite.quizzes.types.matching import Matching
from quizsite.quizzes.types.ordering import Ordering
from quizsite.quizzes.types.parsons import Program

Shown = dict[str, Any]


def shown(response: Response) -> Shown:
    """The question of a response and the caller's own answer to it."""
    variant = response.variant
    return {
        "position": response.position,
        "type": variant.question.type,
        "section": variant.question.section,
        "points": variant.question.points,
        "text": variant.question.text.plain(variant.values),
        "answer_form": answer_form(variant.drawn),
        **_controls(variant),
        "answer": response.answer,
        "state": variant.parse(response.answer).state,
        "certainty": response.certainty,
        "flagged": response.flagged,
        "revision": response.revision,
    }


def answer_form(drawn: Drawn) -> str:
    """How an answer is written: a text, a list of ids, or texts by ids."""
    if drawn.many:
        return "ids"
    if drawn.field_ids:
        return "map"
    return "id" if isinstance(drawn, Choices) else "text"


def _controls(variant: Variant) -> Shown:
    match variant.drawn:
        case Choices():
            return {"options": _options(variant, variant.drawn)}
        case Boxes(boxes=boxes):
            return {"inputs": [_box(box) for box in boxes]}
        case Matching(rows=rows, rights=rights):
            choices = [
                {"id": str(n), "text": text} for n, text in enumerate(rights, start=1)
            ]
            left = [{"id": row.id, "text": row.label} for row in rows]
            return {"items": left, "choices": choices}
        case Ordering(items=items) as ordering:
            listed = [{"id": item.id, "text": item.label} for item in items]
            places = [{"id": place, "text": place} for place in ordering.places]
            return {"items": listed, "choices": places}
        case Program() as program:
            listed = [{"id": line.id, "text": line.text} for line in program.lines]
            places = [{"id": place, "text": place} for place in program.places]
            indents = program.indents if program.indented else []
            return {"items": listed, "choices": places, "indents": indents}
        case CodeOutput(code=code):
            return {"code": code}
    return {}


def _options(variant: Variant, drawn: Choices) -> list[Shown]:
    body = variant.question.body
    assert isinstance(body, ChoiceBody)
    return [
        {"id": one.id, "text": body.options[one.origin].text.plain(variant.values)}
        for one in drawn.choices
    ]


def _box(box: Any) -> Shown:
    return {"id": box.id, "label": box.label, "unit": box.unit, "rule": box.rule}


# --- as the schema describes it -----------------------------------------------


class IdTextSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    text = serializers.CharField(help_text="Markdown with LaTeX in $…$.")


class InputSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Empty for a question's only input.")
    label: Any = serializers.CharField()
    unit = serializers.CharField()
    rule = serializers.CharField(help_text="What counts as the same answer.")


RAW_SCHEMA = {
    "oneOf": [
        {"type": "string"},
        {"type": "number"},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "null"},
    ]
}


@extend_schema_field(RAW_SCHEMA)
class AnswerField(serializers.Field[Raw, Any, Any, Any]):
    """A raw answer; numbers are taken as their texts, null clears it."""

    default_error_messages = {
        "shape": "Ответ — текст, число, список идентификаторов или словарь текстов.",
        "text": "В ответе есть недопустимые символы.",
    }

    def to_internal_value(self, data: Any) -> Raw:
        match data:
            case list():
                return [self._text(one) for one in data]
            case dict():
                return {str(name): self._text(one) for name, one in data.items()}
        return self._text(data)

    def _text(self, one: Any) -> str:
        if isinstance(one, bool) or not isinstance(one, str | int | float):
            self.fail("shape")
        text = str(one)
        # Neither can be stored by every database.
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            self.fail("text")
        return text

    def to_representation(self, value: Any) -> Any:
        return value


class QuestionSerializer(serializers.Serializer[Any]):
    """What :func:`shown` gives; the schema's description of it."""

    position = serializers.IntegerField(help_text="From 1; names it in addresses.")
    type = serializers.CharField()
    section = serializers.IntegerField()
    points = serializers.FloatField()
    text = serializers.CharField(help_text="Markdown with LaTeX in $…$.")
    answer_form = serializers.ChoiceField(choices=["text", "id", "ids", "map"])
    options = IdTextSerializer(many=True, required=False)
    inputs = InputSerializer(many=True, required=False)
    items = IdTextSerializer(many=True, required=False)
    choices = IdTextSerializer(many=True, required=False)
    indents = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Of a line with the id 3, written as the answer's field 3i.",
    )
    code = serializers.CharField(required=False)
    answer = AnswerField(allow_null=True)
    state = serializers.ChoiceField(
        choices=["blank", "malformed", "incomplete", "answered"]
    )
    certainty = serializers.IntegerField(allow_null=True, help_text="From 1 to 3.")
    flagged = serializers.BooleanField()
    revision = serializers.IntegerField(help_text="Grows with every save.")
