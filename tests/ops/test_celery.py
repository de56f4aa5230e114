"""The Celery application's own settings."""

from __future__ import annotations

from unittest.mock import patch

from celery.fixups.django import DjangoWorkerFixup
from celery.signals import task_prerun
from django.db import connections

from graders.tasks import heartbeat
from quizsite.celery import app


def test_a_task_leaves_the_database_session_open() -> None:
    fixup = DjangoWorkerFixup(app)
    with patch.object(connections, "all") as sessions:
        fixup.on_task_postrun(heartbeat)
    sessions.assert_not_called()


def test_a_session_that_was_lost_is_replaced_before_the_next_task() -> None:
    with patch.object(connections, "all", return_value=[]) as sessions:
        task_prerun.send(sender=heartbeat)
    sessions.assert_called_with(initialized_only=True)
