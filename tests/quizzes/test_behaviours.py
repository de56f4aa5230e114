"""What a mark earns: penalties, certainty, and what is never charged for."""

from __future__ import annotations

import pytest

from quizsite.quizzes.behaviours import BEHAVIOURS
from quizsite.quizzes.behaviours.base import Answered
from quizsite.quizzes.behaviours.certainty import PAYS_BEST, RIGHT, WRONG, cbm_mark
from quizsite.quizzes.rules import BehaviourName, Certainty

PRACTICE, TEST = BEHAVIOURS["practice"], BEHAVIOURS["test"]
CBM, EXAM = BEHAVIOURS["cbm"], BEHAVIOURS["exam"]


def test_every_behaviour_of_an_attempt_is_there():
    assert set(BEHAVIOURS) == set(BehaviourName.values)


@pytest.mark.parametrize(
    ("wrong_tries", "credit"), [(0, 1), (1, 2 / 3), (2, 1 / 3), (3, 0), (9, 0)]
)
def test_a_right_answer_earns_less_with_every_wrong_try(wrong_tries, credit):
    answered = Answered(1.0, wrong_tries=wrong_tries)
    assert PRACTICE.credit(answered) == pytest.approx(credit)


def test_practice_never_takes_back_what_was_earned():
    worse = Answered(0.0, wrong_tries=2, credit=0.5)
    assert PRACTICE.credit(worse) == 0.5


def test_a_partly_right_answer_earns_its_part():
    assert PRACTICE.credit(Answered(0.5)) == 0.5


@pytest.mark.parametrize("behaviour", [TEST, EXAM])
def test_a_deferred_mark_counts_as_it_is(behaviour):
    assert behaviour.credit(Answered(0.25, wrong_tries=5, certainty=3)) == 0.25


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values())
def test_what_no_machine_marks_earns_nothing_and_costs_nothing(behaviour):
    assert behaviour.credit(Answered(None, certainty=3)) is None


@pytest.mark.parametrize(
    ("certainty", "right", "wrong"), [(1, 1, 0), (2, 2, -2), (3, 3, -6)]
)
def test_certainty_is_marked_as_in_moodle(certainty, right, wrong):
    assert cbm_mark(1.0, certainty) == right
    assert cbm_mark(0.0, certainty) == wrong
    assert CBM.credit(Answered(1.0, certainty=certainty)) == pytest.approx(right / 3)
    assert CBM.credit(Answered(0.0, certainty=certainty)) == pytest.approx(wrong / 3)


def test_a_partly_right_answer_is_not_punished_for_certainty():
    assert cbm_mark(0.5, 3) == 1.5


def test_without_a_certainty_the_lowest_counts():
    assert CBM.credit(Answered(1.0)) == pytest.approx(1 / 3)
    assert CBM.credit(Answered(0.0)) == 0


def test_a_blank_or_malformed_answer_is_never_punished():
    assert CBM.credit(Answered(0.0, readable=False, certainty=3)) == 0


@pytest.mark.parametrize("level", Certainty)
def test_each_level_pays_best_where_it_is_said_to(level):
    low, high = PAYS_BEST[level]
    for step in range(101):
        share = step / 100
        worth = {one: RIGHT[one] * share + WRONG[one] * (1 - share) for one in RIGHT}
        if low < share < high:
            assert worth[level] == max(worth.values())


def test_who_is_asked_for_certainty():
    asks = [
        (name, one.asks_certainty(chosen=False, automatic=automatic))
        for name, one in BEHAVIOURS.items()
        for automatic in (True, False)
    ]
    assert [name for name, asked in asks if asked] == ["practice", "test", "cbm", "cbm"]
    assert all(
        one.asks_certainty(chosen=True, automatic=True) for one in BEHAVIOURS.values()
    )
