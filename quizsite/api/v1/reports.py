"""What a report is made of, for the schema: it is stored as JSON and sent as it is.

Keys are stable: one may be added, none changes its meaning. Which of them ``details``
has depends on ``difference``, see graders/report.py.
"""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

# As JSON has them: NaN and infinities are words.
NUMBER = {
    "oneOf": [{"type": "number"}, {"type": "string", "enum": ["nan", "inf", "-inf"]}]
}
DIFFERENCES = [
    *("type", "count", "keys", "shape", "dtype", "not_finite", "values"),
    *("property", "exception", "forbidden", "size", "calls", "time"),
    *("inputs", "place", "memory"),
    *("raised", "exited", "time_limit", "memory_limit", "output_limit"),
    *("violation", "syntax", "missing"),
]
Data = serializers.Serializer[object]


@extend_schema_field(NUMBER)
class Number(serializers.FloatField):
    """A number, or a word for what is none."""


class WorstSerializer(Data):
    """The element that is furthest beyond its allowance."""

    index = serializers.ListField(child=serializers.IntegerField())
    actual = Number()
    expected = Number()
    error = Number(help_text="Absolute.")
    relative_error = Number(help_text="Infinite where zero was expected.")
    allowance = Number(help_text="How far off it may be.")
    mismatched = serializers.IntegerField(help_text="Elements that are wrong.")
    compared = serializers.IntegerField(help_text="Of so many.")


class AxisSerializer(Data):
    axis = serializers.IntegerField()
    expected = serializers.IntegerField(allow_null=True, help_text="null: no such axis")
    actual = serializers.IntegerField(allow_null=True)


class RangesSerializer(Data):
    axis = serializers.IntegerField()
    indices = serializers.ListField(
        child=serializers.ListField(
            child=serializers.IntegerField(), min_length=2, max_length=2
        ),
        help_text="First and last index of each stretch.",
    )


class HeatMapSerializer(Data):
    index = serializers.ListField(
        child=serializers.IntegerField(allow_null=True),
        help_text="Of the slice with the worst element; null along the axes shown.",
    )
    axes = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Of rows and columns; a vector is one row.",
    )
    size = serializers.ListField(
        child=serializers.IntegerField(), help_text="Rows and columns in elements."
    )
    cell = serializers.ListField(
        child=serializers.IntegerField(), help_text="Elements of one cell."
    )
    bounds = serializers.ListField(
        child=serializers.FloatField(),
        help_text="Allowances up to which a cell has level 1, 2 and 3.",
    )
    levels = serializers.ListField(
        child=serializers.CharField(),
        help_text="A text for each row, a character for each cell: 0 is within the "
        "allowance, 1 to 4 the largest error beyond, n is NaN or infinite.",
    )
    worst = serializers.ListField(
        child=serializers.IntegerField(), help_text="Row and column of a cell."
    )


class PlaceSerializer(Data):
    line = serializers.IntegerField(required=False, help_text="Of the file or cell.")
    cell = serializers.IntegerField(
        required=False, allow_null=True, help_text="Of the notebook; null: a file."
    )


class ViolationSerializer(PlaceSerializer):
    name = serializers.CharField(help_text="As PyTorch calls it.")
    reason = serializers.CharField(help_text="Empty: it is on the exercise's list.")


class DetailsSerializer(PlaceSerializer):
    difference = serializers.ChoiceField(choices=DIFFERENCES, required=False)
    summary = serializers.CharField(
        required=False, help_text="The message without the figures that are here."
    )
    part = serializers.CharField(required=False, help_text="Of the answer, in Russian.")
    path = serializers.ListField(
        required=False, child=serializers.JSONField(), help_text="Keys and indices."
    )
    expected = serializers.CharField(required=False)
    actual = serializers.CharField(required=False)
    axes = AxisSerializer(many=True, required=False)
    worst = WorstSerializer(required=False)
    share = serializers.FloatField(required=False, help_text="Of wrong elements, 0..1.")
    largest_error = Number(required=False, allow_null=True)
    largest_relative_error = Number(required=False, allow_null=True)
    ranges = RangesSerializer(many=True, required=False)
    diagonal = serializers.ChoiceField(
        required=False, allow_null=True, choices=["above", "on", "below"]
    )
    heat_map = HeatMapSerializer(required=False, allow_null=True)
    property = serializers.CharField(required=False)
    exception = serializers.CharField(required=False)
    operator = serializers.CharField(required=False)
    pattern = serializers.CharField(required=False)
    calls = serializers.IntegerField(required=False)
    largest_tensor = serializers.IntegerField(required=False, help_text="Elements.")
    allowed = serializers.IntegerField(required=False)
    wall_ms = serializers.FloatField(required=False)
    allowed_ms = serializers.FloatField(required=False)
    allowed_s = serializers.FloatField(required=False)
    allowed_mb = serializers.IntegerField(required=False)
    case = serializers.IntegerField(required=False, help_text="That is told of.")
    cases = serializers.IntegerField(required=False)
    failed_cases = serializers.IntegerField(required=False)
    violations = ViolationSerializer(many=True, required=False)
    more = serializers.IntegerField(required=False, help_text="Violations not listed.")


class CheckResultSerializer(Data):
    name = serializers.CharField()
    title = serializers.CharField()
    public = serializers.BooleanField()
    judged = serializers.BooleanField(required=False, help_text="Absent means true.")
    device = serializers.ChoiceField(
        choices=["cpu", "gpu"], required=False, help_text="Absent means cpu."
    )
    waived = serializers.BooleanField(
        required=False, help_text="Not judged for want of a GPU; it costs nothing."
    )
    passed = serializers.BooleanField()
    points = serializers.FloatField()
    max_points = serializers.FloatField()
    message = serializers.CharField()
    details = DetailsSerializer(help_text="The same as data; empty if it passed.")
    inputs = serializers.CharField(allow_null=True, help_text="Public checks only.")
    stdout = serializers.CharField(allow_null=True, help_text="Public checks only.")


class RecognisedSerializer(Data):
    id = serializers.CharField()
    hint = serializers.CharField()


class ReportSerializer(Data):
    exercise = serializers.CharField()
    verdict = serializers.CharField()
    blame = serializers.ChoiceField(choices=["none", "student", "exercise", "system"])
    score = serializers.FloatField(min_value=0, max_value=1)
    message = serializers.CharField()
    details = DetailsSerializer(
        required=False, help_text="Where no check was judged; else empty."
    )
    mistake = RecognisedSerializer(allow_null=True)
    traceback = serializers.CharField(
        allow_null=True, help_text="The student's own lines."
    )
    checks = CheckResultSerializer(many=True)
    timing_ms: Any = serializers.DictField(child=serializers.FloatField())
