"""Which statements of a notebook make the solution, and in which order.

Theory of operation
-------------------
Cells were duplicated, split, moved and run again, so their order says little. For each
name that is needed one *definition* is chosen: the last one that is written, not the
last one at all, for the starter's cell may have been run again. What extends it comes
after it: ``class Net(Net)``, ``Net.forward = forward``; what stands before the chosen
definition only where it adds what the definition lacks, for else it belonged to an
earlier one. The needed names are those that the required ones reach. The statements
then keep the notebook's order, unless something is read before it is defined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graders.chains import Chains
from graders.names import BUILTINS
from graders.statements import Statement

Step = tuple[int, bool]  # a statement, and whether what it defines is called at once


class Selection:
    """What the required names need of a notebook's statements."""

    def __init__(
        self, statements: Sequence[Statement], requires: Sequence[str]
    ) -> None:
        self.statements = statements
        self.chains = Chains(statements)
        self.missing = [name for name in requires if not self.chains[name].members]
        self.names = self._reached(requires)
        chosen = {i for name in self.names for i in self.chains[name].members}
        chosen |= set(self._everywhere(self._is_unknown_read(chosen)))
        self.order = self._ordered(chosen)

    def last_cell_of(self, name: str) -> int:
        """The last cell that defines the name or extends it; 0 if none does."""
        numbers = [max(self.statements[i].cells) for i in self.chains[name].members]
        return max(numbers, default=0)

    def _reached(self, requires: Sequence[str]) -> list[str]:
        """The required names and all that they read, directly or not."""
        queue = list(requires)
        seen = dict.fromkeys(queue)
        while queue:
            for i in self.chains[queue.pop()].members:
                statement = self.statements[i]
                fresh = (statement.now | statement.later) - seen.keys()
                seen |= dict.fromkeys(sorted(fresh))
                queue.extend(fresh)
        return list(seen)

    def _everywhere(self, with_stars: bool) -> Iterable[int]:
        """Imports that touch every name; of equal ones the last."""
        wanted = ("future", "star") if with_stars else ("future",)
        numbered = enumerate(self.statements)
        return {s.text: i for i, s in numbered if s.everywhere in wanted}.values()

    def _is_unknown_read(self, chosen: set[int]) -> bool:
        """Whether something is read that only a star import could have defined."""
        read = {
            name
            for i in chosen
            for name in self.statements[i].now | self.statements[i].later
        }
        return any(not self.chains[name].members for name in read - BUILTINS)

    def _ordered(self, chosen: set[int]) -> list[int]:
        """The notebook's order, save that what is read at once comes before."""
        first = [i for i in chosen if self.statements[i].everywhere]
        first.sort(key=lambda i: (self.statements[i].everywhere, i))
        order: dict[int, None] = {}
        seen: set[Step] = set()
        for i in [*first, *sorted(chosen)]:
            stack = [self._steps(i, False, order)]
            while stack:
                step = next(stack[-1], None)
                if step is None:
                    stack.pop()
                elif step not in seen:
                    seen.add(step)
                    stack.append(self._steps(*step, order))
        return list(order)

    def _steps(self, i: int, called: bool, order: dict[int, None]) -> Iterator[Step]:
        """What must stand before statement ``i``; then it takes its place.

        If it is called at once, what its body reads must be there as well by then.
        """
        statement = self.statements[i]
        for name in sorted(statement.now | statement.extends.keys()):
            if (j := self.chains[name].needed_by(i)) is not None:
                yield j, called or statement.calls
        order.setdefault(i)
        for name in sorted(statement.later) if called else ():
            if (j := self.chains[name].needed_by(i)) is not None:
                yield j, True
