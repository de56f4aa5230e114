"""How each name of a notebook comes to be: a definition, then what extends it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from graders.statements import Kind, Statement


@dataclass(frozen=True, slots=True)
class Chain:
    """Indices of the statements that make one name; empty if nothing does."""

    definition: int | None = None
    members: tuple[int, ...] = ()  # the definition, then extensions
    left_out: tuple[int, ...] = ()  # what would make another object of that name
    before: Mapping[int, int] = field(default_factory=dict)  # each but the first

    @classmethod
    def of(cls, members: Sequence[int], left_out: Sequence[int] = ()) -> Self:
        before = dict(zip(members[1:], members, strict=False))
        return cls(members[0], tuple(members), tuple(left_out), before)

    def needed_by(self, i: int) -> int | None:
        """What must be there before statement ``i`` reads the name."""
        if i in self.before:
            return self.before[i]
        is_first = not self.members or i == self.members[0]
        return None if is_first else self.members[-1]


class Chains:
    """Looks names up among statements in the notebook's order."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.statements = statements
        self._definitions: defaultdict[str, list[int]] = defaultdict(list)
        self._extensions: defaultdict[str, list[int]] = defaultdict(list)
        self._known: dict[str, Chain] = {}
        for i, statement in enumerate(statements):
            for name in statement.binds - statement.extends.keys():
                self._definitions[name].append(i)
            for name in statement.extends:
                self._extensions[name].append(i)

    def __getitem__(self, name: str) -> Chain:
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> Chain:
        definitions = self._definitions.get(name, [])
        if not definitions:
            itself = self._extending_itself(name)
            return replace(Chain.of(itself), definition=None) if itself else Chain()
        chosen = max(definitions, key=lambda i: (self._likelihood(i), i))
        text = self.statements[chosen].text
        copies = [i for i in definitions if self.statements[i].text == text]
        fitting, rest = self._extensions_of(name, chosen, since=copies[0])
        is_import = self.statements[chosen].kind is Kind.IMPORT
        if is_import or (fitting and fitting[0] < chosen):
            chosen = copies[0]
        others = [i for i in definitions if self.statements[i].text != text]
        return Chain.of([chosen, *fitting], [*others, *rest])

    def _likelihood(self, i: int) -> int:
        """Of two definitions the greater is the one that is meant.

        A value may be an experiment that uses the name (``loss = loss(x, y)``), an
        unfinished function a starter's cell that was run again.
        """
        statement = self.statements[i]
        if statement.unfinished:
            return 0
        return 1 if statement.kind is Kind.COMPUTED else 2

    def _extending_itself(self, name: str) -> tuple[int, ...]:
        """``class Net(Net)`` without a first one: kept, and it will be told."""
        found = self._extensions.get(name, [])
        return tuple(i for i in found if name in self.statements[i].binds)

    def _extensions_of(
        self, name: str, chosen: int, since: int
    ) -> tuple[list[int], list[int]]:
        """Extensions of the chosen definition, and of others; of equal ones the last.

        One before ``since`` counts where it adds what the definition does not have.
        """
        definition = self.statements[chosen]
        by_text: dict[str, int] = {}
        rest = []
        for i in self._extensions.get(name, []):
            extension = self.statements[i].extends[name]
            added = extension.attributes
            if definition.kind not in extension.of:
                continue
            if i > since or (added is not None and not added & definition.provides):
                by_text[self.statements[i].text] = i
            else:
                rest.append(i)
        return sorted(by_text.values()), rest
