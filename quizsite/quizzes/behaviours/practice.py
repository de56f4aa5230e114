"""Checked at once, as often as one likes."""

from __future__ import annotations

from quizsite.quizzes.behaviours.base import Answered, Behaviour
from quizsite.quizzes.rules import BehaviourName

PENALTY = 1 / 3  # of a question's points, for each different wrong answer


class Practice(Behaviour):
    """Every answer may be checked, hints are free, and tries cost a little.

    A question earns the best of its tries, each less the penalties before it, as in
    Moodle's «adaptive» behaviour (question/behaviour/adaptive). What cannot be read and
    what was tried before is never charged for.
    """

    name = BehaviourName.PRACTICE
    checks = True

    def credit(self, answered: Answered) -> float | None:
        if answered.mark is None:
            return None
        worth = answered.mark - PENALTY * answered.wrong_tries
        return max(0.0, answered.credit or 0.0, worth)
