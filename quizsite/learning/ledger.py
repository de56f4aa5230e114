"""The ledger: what is mixed up, how often, where, and whether it has been overcome.

A misconception is met in a *place*, a question or an exercise, which is also where it
can be practised. It is overcome there once that place was answered wholly right after
it was last met there; and overcome altogether once it is in every place. Both are read
off the marks and verdicts as they are, so a regrade changes them too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet
from django.db.models.functions import Coalesce

from graders.verdicts import Verdict
from quizsite.accounts.models import User
from quizsite.learning.models import Encounter
from quizsite.quizzes.matrix import Aspect
from quizsite.quizzes.misconceptions import Misconception, vocabulary
from quizsite.quizzes.models import Response
from quizsite.quizzes.reviewing import withheld
from quizsite.submissions.models import State, Submission


@dataclass(frozen=True, slots=True)
class Place:
    """A question, by its id, or an exercise, by its slug."""

    question: int | None = None
    exercise: str = ""


@dataclass(frozen=True, slots=True)
class Met:
    """One misconception of one person in one place."""

    user_id: int
    tag: str
    place: Place
    times: int
    last: datetime
    overcome: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is known of one misconception; ``met`` is never empty."""

    misconception: Misconception
    met: Sequence[Met]

    @property
    def times(self) -> int:
        return sum(one.times for one in self.met)

    @property
    def last(self) -> datetime:
        return max(one.last for one in self.met)

    @property
    def people(self) -> set[int]:
        return {one.user_id for one in self.met}

    @property
    def stuck(self) -> set[int]:
        """Those who have not overcome it everywhere."""
        return {one.user_id for one in self.met if not one.overcome}

    @property
    def overcome(self) -> bool:
        return not self.stuck

    @property
    def places(self) -> list[Place]:
        """Where it is not overcome first, then where it was met last."""
        ordered = sorted(self.met, key=lambda one: one.last, reverse=True)
        ordered.sort(key=lambda one: one.overcome)
        return list(dict.fromkeys(one.place for one in ordered))


Rights = dict[tuple[int, Place], datetime]  # when a person last was right there


def met_in_quizzes(
    encounters: QuerySet[Encounter], answers: QuerySet[Response]
) -> list[Met]:
    """Two queries, however many people and attempts.

    ``answers``: by which it may have been overcome. In practice a right answer settles
    the question at once, elsewhere it counts from the end of the attempt.
    """
    found = encounters.filter(question__isnull=False).order_by()
    at = Coalesce("revealed_at", "attempt__finished_at")
    right = answers.filter(mark__gte=1, version__question__in=found.values("question"))
    rows = right.order_by().values_list("attempt__user", "version__question")
    rights = {
        (user_id, Place(question=question)): last
        for user_id, question, last in rows.annotate(last=Max(at))
        if last is not None
    }
    counted = found.values_list("user", "tag", "question").annotate(*_COUNTS)
    return [
        _met(user_id, tag, Place(question=question), times, last, rights)
        for user_id, tag, question, times, last in counted
    ]


def met_in_exercises(
    encounters: QuerySet[Encounter], submissions: QuerySet[Submission]
) -> list[Met]:
    """Two queries; ``submissions``: by which it may have been overcome."""
    found = encounters.exclude(exercise="").order_by()
    accepted = submissions.filter(
        state=State.DONE,
        verdict=Verdict.ACCEPTED,
        exercise__in=found.values("exercise"),
    )
    rows = accepted.order_by().values_list("user", "exercise")
    rights = {
        (user_id, Place(exercise=slug)): last
        for user_id, slug, last in rows.annotate(last=Max("created_at"))
    }
    counted = found.values_list("user", "tag", "exercise").annotate(*_COUNTS)
    return [
        _met(user_id, tag, Place(exercise=slug), times, last, rights)
        for user_id, tag, slug, times, last in counted
    ]


_COUNTS = (Count("pk"), Max("at"))


def _met(
    user_id: int, tag: str, place: Place, times: int, last: datetime, right: Rights
) -> Met:
    since = right.get((user_id, place))
    return Met(user_id, tag, place, times, last, since is not None and since >= last)


def entries(met: Iterable[Met]) -> list[Entry]:
    """By misconception: those that most people are stuck at first, then the latest."""
    by_tag: dict[str, list[Met]] = defaultdict(list)
    for one in met:
        by_tag[one.tag].append(one)
    known = vocabulary()
    made = [
        Entry(known.get(tag) or Misconception(tag, tag), found)
        for tag, found in by_tag.items()
    ]
    made.sort(key=lambda one: (-len(one.stuck), -one.last.timestamp()))
    return made


# --- of one reader ----------------------------------------------------------------


def ledger_of(user: User) -> list[Entry]:
    """The reader's own: all that they have done, as far as they may see it yet.

    An exam's misconceptions would tell what its review does not tell yet.
    """
    unmarked, unexplained = withheld(user, Aspect.MARK, Aspect.HINTS)
    mine = Encounter.objects.filter(user=user)
    return entries(
        met_in_quizzes(
            mine.exclude(response__attempt__in=unexplained),
            Response.objects.filter(attempt__user=user).exclude(attempt__in=unmarked),
        )
        + met_in_exercises(mine, Submission.objects.filter(user=user))
    )
