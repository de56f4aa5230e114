"""What may be reviewed when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quizsite.quizzes.matrix import (
    PRESETS,
    Aspect,
    Phase,
    as_json,
    from_json,
    phase_of,
    preset,
    preset_name,
)
from quizsite.quizzes.rules import BehaviourName

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_stored_and_recognised(name):
    matrix = PRESETS[name][1]
    assert from_json(as_json(matrix)) == matrix
    assert PRESETS[preset_name(matrix)][1] == matrix


def test_a_matrix_made_by_hand_has_no_name():
    matrix = {**preset("test"), Phase.LATER: frozenset({Aspect.KEY})}
    assert preset_name(matrix) == ""


def test_what_is_unknown_shows_less_and_never_more():
    matrix = from_json({"later": ["mark", "everything"], "whenever": ["key"]})
    assert matrix[Phase.LATER] == {Aspect.MARK}
    assert all(not matrix[phase] for phase in Phase if phase != Phase.LATER)


@pytest.mark.parametrize("behaviour", ["test", "cbm", "exam"])
def test_only_practice_explains_before_the_end(behaviour):
    assert preset(behaviour)[Phase.DURING] == {Aspect.ANSWER}
    assert preset("practice")[Phase.DURING] == set(Aspect)


def test_an_exam_shows_nothing_before_it_is_closed():
    matrix = preset(BehaviourName.EXAM)
    assert not matrix[Phase.JUST_AFTER] and not matrix[Phase.LATER]
    assert matrix[Phase.CLOSED] == set(Aspect)


@pytest.mark.parametrize(
    ("finished", "closes", "phase"),
    [
        (None, None, Phase.DURING),
        (None, -HOUR, Phase.DURING),
        (timedelta(0), None, Phase.JUST_AFTER),
        (timedelta(seconds=-119), HOUR, Phase.JUST_AFTER),
        (timedelta(seconds=-121), HOUR, Phase.LATER),
        (-HOUR, None, Phase.LATER),
        (timedelta(0), timedelta(0), Phase.CLOSED),
        (-HOUR, -HOUR, Phase.CLOSED),
        (HOUR, None, Phase.LATER),  # the clock was set back since
    ],
)
def test_phases_follow_each_other(finished, closes, phase):
    assert phase == phase_of(
        finished_at=None if finished is None else NOW + finished,
        closes_at=None if closes is None else NOW + closes,
        now=NOW,
    )
