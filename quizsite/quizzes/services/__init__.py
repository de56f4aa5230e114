"""Attempts: starting, answering, practising, finishing. Loading: :mod:`loading`."""

from __future__ import annotations

from quizsite.quizzes.loading import load_quizzes
from quizsite.quizzes.services.finishing import (
    finish_attempt,
    finish_if_over,
    finish_overdue,
)
from quizsite.quizzes.services.practising import (
    Checked,
    NotCheckable,
    check_answer,
    reveal_answer,
    take_hint,
)
from quizsite.quizzes.services.responses import response_at, responses_of
from quizsite.quizzes.services.saving import (
    AttemptFinished,
    Draft,
    Other,
    Outcome,
    Saved,
    Settled,
    save_answer,
    set_flag,
)
from quizsite.quizzes.services.self_checking import (
    NotSelfCheckable,
    self_check,
    self_levels,
)
from quizsite.quizzes.services.starting import (
    MayNotStart,
    attempts_left,
    current_versions,
    running_attempt,
    start_attempt,
)
from quizsite.quizzes.types.base import TooLong

__all__ = [
    "AttemptFinished",
    "Checked",
    "Draft",
    "MayNotStart",
    "NotCheckable",
    "NotSelfCheckable",
    "Other",
    "Outcome",
    "Saved",
    "Settled",
    "TooLong",
    "attempts_left",
    "check_answer",
    "current_versions",
    "finish_attempt",
    "finish_if_over",
    "finish_overdue",
    "load_quizzes",
    "response_at",
    "responses_of",
    "reveal_answer",
    "running_attempt",
    "save_answer",
    "self_check",
    "self_levels",
    "set_flag",
    "start_attempt",
    "take_hint",
]
