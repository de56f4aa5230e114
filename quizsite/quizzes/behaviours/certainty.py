"""Certainty-based marking: to know what one knows."""

from __future__ import annotations

from quizsite.quizzes.behaviours.base import Answered, Behaviour
from quizsite.quizzes.rules import BehaviourName, Certainty

# Gardner-Medwin's marks (LAPT, UCL), which Moodle's CBM behaviours use as well: see
# question_cbm in question/behaviour/behaviourbase.php.
RIGHT = {Certainty.LOW: 1, Certainty.MIDDLE: 2, Certainty.HIGH: 3}
WRONG = {Certainty.LOW: 0, Certainty.MIDDLE: -2, Certainty.HIGH: -6}
MOST = RIGHT[Certainty.HIGH]

# A level pays best when the share of right answers lies here: 1·p = 2·p - 2·(1 - p) at
# 2/3, and 2·p - 2·(1 - p) = 3·p - 6·(1 - p) at 4/5.
PAYS_BEST = {
    Certainty.LOW: (0.0, 2 / 3),
    Certainty.MIDDLE: (2 / 3, 0.8),
    Certainty.HIGH: (0.8, 1.0),
}


def cbm_mark(mark: float, certainty: int) -> float:
    """``-6..3`` for a mark of ``0..1``; a partly right answer is not punished."""
    level = Certainty(certainty)
    return RIGHT[level] * mark if mark > 0 else WRONG[level]


class CertaintyBased(Behaviour):
    """A test whose marks are weighed by certainty, normalised so that 1 is the most.

    No certainty counts as the lowest, and no answer as nothing at all.
    """

    name = BehaviourName.CBM
    weighs_certainty = True

    def credit(self, answered: Answered) -> float | None:
        if answered.mark is None:
            return None
        if not answered.readable:
            return 0.0
        return cbm_mark(answered.mark, answered.certainty or Certainty.LOW) / MOST
