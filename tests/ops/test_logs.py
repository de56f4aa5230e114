from __future__ import annotations

import logging

from quizsite.lib.logs import HideRoutine


def shown(level: int, message: str, *args: object) -> bool:
    record = logging.LogRecord("celery", level, "file", 1, message, args, None)
    return HideRoutine().filter(record)


def test_heartbeats_that_went_well_are_not_shown() -> None:
    assert not shown(logging.INFO, "%(name)s", {"name": "graders.tasks.heartbeat"})


def test_a_failing_heartbeat_is_shown() -> None:
    assert shown(logging.ERROR, "%(name)s", {"name": "graders.tasks.heartbeat"})


def test_everything_else_is_shown() -> None:
    assert shown(logging.INFO, "%(name)s", {"name": "graders.tasks.grade"})
    assert shown(logging.INFO, "worker %s ready", "celery@host")
