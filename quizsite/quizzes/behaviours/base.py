"""What every behaviour says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from quizsite.quizzes.rules import BehaviourName


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with its mark, and what went before it in the attempt.

    ``mark`` is 0..1, None where no machine marks; ``readable`` is false of a blank or
    malformed answer.
    """

    mark: float | None
    readable: bool = True
    certainty: int | None = None
    wrong_tries: int = 0
    credit: float | None = None  # earned already


class Behaviour(ABC):
    name: ClassVar[BehaviourName]
    checks: ClassVar[bool] = False  # whether answers are checked while it runs
    one_variant: ClassVar[bool] = False  # the same numbers in every attempt
    weighs_certainty: ClassVar[bool] = False

    @abstractmethod
    def credit(self, answered: Answered) -> float | None:
        """The share of the question's points that it earns; None: no points at all."""

    def asks_certainty(self, *, chosen: bool, automatic: bool) -> bool:
        """Whether a reader is asked how certain they are.

        An open question always asks: its answer is compared with what one believed.
        """
        return chosen or self.weighs_certainty or not automatic
