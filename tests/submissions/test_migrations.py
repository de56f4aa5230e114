"""What migrations make of rows that were there before."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from quizsite.submissions.models import Submission
from tests.factories import SubmissionFactory

pytestmark = pytest.mark.django_db


def step(name: str):
    module = import_module("quizsite.submissions.migrations.0004_bundles_and_intake")
    return getattr(module, name)


@pytest.mark.parametrize(
    ("before", "after"), [([], {}), ([1, 3], {"cells": [1, 3]}), ({"a": 1}, {"a": 1})]
)
def test_lists_of_used_cells_become_objects(before, after):
    submission = SubmissionFactory(intake_notes=before)
    step("lists_to_objects")(apps, connection.schema_editor())
    assert Submission.objects.get(pk=submission.pk).intake_notes == after


def test_and_back():
    submission = SubmissionFactory(intake_notes={"cells": [1, 3], "notes": []})
    step("objects_to_lists")(apps, connection.schema_editor())
    assert Submission.objects.get(pk=submission.pk).intake_notes == [1, 3]
