"""When an answer is marked and what may be seen of it; how to mark is the type's.

A quiz has one behaviour. Practice (marks at once, hints, several tries) and exam (time
limit, no hints) are further subclasses: they override what differs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from quizsite.quizzes.questions import Variant
from quizsite.quizzes.types.base import Marked, Parsed

if TYPE_CHECKING:
    from quizsite.quizzes.models import Attempt


class Behaviour(ABC):
    name: ClassVar[str]

    @abstractmethod
    def on_save(self, variant: Variant, parsed: Parsed) -> Marked | None:
        """The mark for an answer just saved; None: not yet."""

    @abstractmethod
    def on_finish(self, variant: Variant, parsed: Parsed) -> Marked:
        """The mark that counts once the attempt is finished."""

    @abstractmethod
    def may_review(self, attempt: Attempt) -> bool:
        """Whether marks, right answers and explanations may be shown."""


class Deferred(Behaviour):
    """A test: everything is marked, and shown, after finishing."""

    name = "deferred"

    def on_save(self, variant: Variant, parsed: Parsed) -> Marked | None:
        return None

    def on_finish(self, variant: Variant, parsed: Parsed) -> Marked:
        return variant.mark(parsed)

    def may_review(self, attempt: Attempt) -> bool:
        return attempt.is_finished


DEFERRED = Deferred()


def behaviour_of(attempt: Attempt) -> Behaviour:
    """How this attempt is run."""
    return DEFERRED
