"""Marked after the end: the test, and the exam."""

from __future__ import annotations

from quizsite.quizzes.behaviours.base import Answered, Behaviour
from quizsite.quizzes.rules import BehaviourName


class Deferred(Behaviour):
    """A test: everything is marked, and shown, after finishing."""

    name = BehaviourName.TEST

    def credit(self, answered: Answered) -> float | None:
        return answered.mark


class Exam(Deferred):
    """A test of one variant; its clock and its review are the assignment's rules."""

    name = BehaviourName.EXAM
    one_variant = True

    def asks_certainty(self, *, chosen: bool, automatic: bool) -> bool:
        return chosen
