"""Whether a reader's formula is the author's.

Theory of operation
-------------------
Equality of formulas cannot be decided in general, so it is asked in three stages, the
cheap and certain ones first; an answer that none of them decides is not counted, and
its author is told.

1. *Structure.* Both sides in a cheap canonical form (:mod:`canonical`): the same form
   means equal.
2. *Points.* Both sides are computed with fifty digits at points of the domain that the
   author declared (:mod:`points`). A point where they differ settles it, and is shown
   as the witness. Twelve points that agree settle it as well: two different formulas of
   120 nodes at most that agree to forty digits at a dozen arbitrary points have never
   been met. These two stages run in the web process because they are bounded: 120
   nodes, thirty points, operations of a tenth of a millisecond (:mod:`precise`); their
   cost is a figure of ``make bench``.
3. *Symbols.* What is left (too few points where both are defined, differences too
   small to be shown) is a heuristic search with no bound of its own. SymPy does it in
   a process with limited memory and time (:mod:`symbolic`), and three seconds later
   the question is given up as undecided.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from quizsite.lib.expressions import Expression
from quizsite.lib.formulas.canonical import canonical
from quizsite.lib.formulas.points import Agreement, Point, Sampled, Witness, compare
from quizsite.lib.formulas.symbolic import Facts, proven_equal


@dataclass(frozen=True)
class Formula:
    """A formula, the points where it is looked at, and what is known of its symbols."""

    expression: Expression
    points: Sequence[Point] = field(repr=False)
    facts: Facts = field(repr=False)

    @cached_property
    def form(self) -> Hashable:
        return canonical(self.expression.tree)

    @cached_property
    def sampled(self) -> Sampled:
        return Sampled(self.expression, self.points)


@dataclass(frozen=True)
class Comparison:
    agreement: Agreement
    witness: Witness | None = None

    @property
    def equal(self) -> bool:
        return self.agreement is Agreement.EQUAL

    @property
    def undecided(self) -> bool:
        return self.agreement is Agreement.UNSURE


def compared(given: Formula, wanted: Formula) -> Comparison:
    """All three stages; takes at most :data:`symbolic.PATIENCE_S` and a little."""
    quick = compared_quickly(given, wanted)
    if not quick.undecided:
        return quick
    proven = proven_equal(given.expression.tree, wanted.expression.tree, wanted.facts)
    if proven is None:
        return quick
    return Comparison(Agreement.EQUAL if proven else Agreement.DIFFERENT)


def compared_quickly(given: Formula, wanted: Formula) -> Comparison:
    """The first two stages: bounded, in this process."""
    if given.form == wanted.form:
        return Comparison(Agreement.EQUAL)
    return Comparison(*compare(given.sampled, wanted.sampled))
