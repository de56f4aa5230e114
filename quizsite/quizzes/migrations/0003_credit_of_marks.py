"""Until now every mark counted as it was."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F


def credit_marks(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    responses = apps.get_model("quizzes", "Response").objects
    responses.filter(mark__isnull=False).update(credit=F("mark"))


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0002_behaviours_and_revisions")]

    operations = [migrations.RunPython(credit_marks, migrations.RunPython.noop)]
