"""Certainty against correctness."""

from __future__ import annotations

import pytest

from quizsite.learning.calibration import calibration, levels
from quizsite.quizzes.models import Response
from quizsite.quizzes.rules import BehaviourName, Certainty
from quizsite.quizzes.services import (
    finish_attempt,
    responses_of,
    save_answer,
    start_attempt,
)


@pytest.mark.parametrize(
    ("answers", "right", "verdict"),
    [(3, 3.0, "few"), (40, 39.0, "well"), (40, 12.0, "over")],
)
def test_a_verdict_on_being_sure(answers, right, verdict):
    [*_, high] = levels({Certainty.HIGH: (answers, right)})
    assert high.verdict == verdict


def test_one_may_be_surer_than_one_thinks():
    [low, *_] = levels({Certainty.LOW: (40, 39.0)})
    assert low.verdict == "under"
    assert low.share == 39 / 40


def test_nothing_is_said_of_no_answers():
    assert [level.share for level in levels({})] == [None] * 3


def test_answers_are_counted_by_their_certainty(quiz, bob, alice):
    attempt = start_attempt(
        quiz=quiz, user=bob, guest_key="", behaviour=BehaviourName.CBM
    )
    for response in responses_of(attempt):
        raw = response.variant.key
        save_answer(response=response, raw=raw, certainty=Certainty.MIDDLE)
    finish_attempt(attempt=attempt)
    machine = Response.objects.filter(attempt=attempt, mark__isnull=False).count()
    counts = {level.certainty: level.answers for level in calibration(bob)}
    assert counts == {Certainty.LOW: 0, Certainty.MIDDLE: machine, Certainty.HIGH: 0}
    assert all(level.answers == 0 for level in calibration(alice))
