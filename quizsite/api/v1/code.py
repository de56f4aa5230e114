"""Code in requests, and in answers what was found in it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class CodeSerializer(serializers.Serializer[Any]):
    """A piece of code: as text, or as a file."""

    source: Any = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False
    )
    file = serializers.FileField(
        required=False, allow_empty_file=True, help_text=".py or .ipynb (multipart)"
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("source" in data) == ("file" in data):
            message = _("Нужно ровно одно из полей: source или file.")
            raise serializers.ValidationError(message, "one_of")
        file = data.get("file")
        data["content"] = file.read() if file else data.get("source", "").encode()
        data["filename"] = file.name if file else "solution.py"
        return data


class NoteSerializer(serializers.Serializer[object]):
    about = serializers.ChoiceField(choices=["warning", "ignored", "info"])
    text = serializers.CharField(help_text="For people, in Russian.")
    name = serializers.CharField(allow_blank=True)
    cell = serializers.IntegerField(allow_null=True)


class TakenSerializer(serializers.Serializer[object]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=["function", "class", "constant", "import", "computed"]
    )
    cell = serializers.IntegerField(allow_null=True)


class IntakeSerializer(serializers.Serializer[object]):
    """What a notebook or a file was found to hold."""

    cells = serializers.ListField(
        child=serializers.IntegerField(), help_text="Used cells, counted from 1."
    )
    unused_cells = serializers.ListField(child=serializers.IntegerField())
    names = TakenSerializer(many=True)
    notes = NoteSerializer(many=True)
