"""What may be reviewed when: one matrix of phases and aspects, with presets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

JUST_AFTER = timedelta(minutes=2)  # as long as Moodle calls it «immediately after»


class Phase(models.TextChoices):
    DURING = "during", _("во время попытки")
    JUST_AFTER = "just_after", _("сразу после")
    LATER = "later", _("позже, пока открыто")
    CLOSED = "closed", _("после закрытия")


class Aspect(models.TextChoices):
    ANSWER = "answer", _("свой ответ")
    MARK = "mark", _("балл и вердикт")
    HINTS = "hints", _("подсказки об ошибке")
    KEY = "key", _("верный ответ")
    EXPLANATION = "explanation", _("объяснение")


Matrix = Mapping[Phase, frozenset[Aspect]]

_ALL = frozenset(Aspect)
_ANSWER = frozenset({Aspect.ANSWER})
_SCORE = frozenset({Aspect.ANSWER, Aspect.MARK})
_NOTHING: frozenset[Aspect] = frozenset()


def _matrix(*columns: frozenset[Aspect]) -> Matrix:
    return dict(zip(Phase, columns, strict=True))


PRESETS: Mapping[str, tuple[Any, Matrix]] = {
    "practice": (_("практика: всё сразу"), _matrix(_ALL, _ALL, _ALL, _ALL)),
    "test": (_("тест: всё после завершения"), _matrix(_ANSWER, _ALL, _ALL, _ALL)),
    "score_first": (
        _("сразу балл, разбор после закрытия"),
        _matrix(_ANSWER, _SCORE, _SCORE, _ALL),
    ),
    "exam": (
        _("экзамен: всё только после закрытия"),
        _matrix(_ANSWER, _NOTHING, _NOTHING, _ALL),
    ),
    "score_only": (
        _("только балл, без разбора"),
        _matrix(_ANSWER, _SCORE, _SCORE, _SCORE),
    ),
}
_BY_BEHAVIOUR = {"practice": "practice", "test": "test", "cbm": "test", "exam": "exam"}


def preset(behaviour: str) -> Matrix:
    """What goes with a behaviour where nobody has said otherwise."""
    return PRESETS[_BY_BEHAVIOUR[behaviour]][1]


def preset_name(matrix: Matrix) -> str:
    """The preset that the matrix is; nothing if somebody made it by hand."""
    found = (name for name, (_label, one) in PRESETS.items() if one == matrix)
    return next(found, "")


def as_json(matrix: Matrix) -> dict[str, list[str]]:
    return {
        phase.value: [one.value for one in Aspect if one in matrix[phase]]
        for phase in Phase
    }


def from_json(stored: Mapping[str, Iterable[str]]) -> Matrix:
    """Stored names; what is unknown is left out, which shows less and never more."""
    known = {one.value for one in Aspect}
    return {
        phase: frozenset(Aspect(n) for n in stored.get(phase.value, ()) if n in known)
        for phase in Phase
    }


def phase_of(
    *, finished_at: datetime | None, closes_at: datetime | None, now: datetime
) -> Phase:
    """In which phase an attempt is that was finished then; None: it runs."""
    if finished_at is None:
        return Phase.DURING
    if closes_at is not None and closes_at <= now:
        return Phase.CLOSED
    # A clock that was set back makes nothing last longer than it should.
    since = abs(now - finished_at)
    return Phase.JUST_AFTER if since < JUST_AFTER else Phase.LATER
