"""Randomness that is a pure function of what it is named after.

SHA-256 of the names gives every draw, so a variant is the same on every machine and
in every version of Python, and drawing one thing never shifts another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

Item = TypeVar("Item")
_BITS = 128


def _hash(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:  # with lengths: ("ab", "c") is not ("a", "bc")
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()


@dataclass(frozen=True, slots=True)
class Dice:
    """A seed with names for what is drawn from it."""

    seed: bytes

    @classmethod
    def of(cls, digest: str, seed: bytes) -> Dice:
        """The dice of one question version in one attempt."""
        return cls(_hash(digest.encode(), seed))

    def named(self, name: str) -> Dice:
        return Dice(_hash(self.seed, name.encode()))

    def below(self, bound: int, name: str) -> int:
        """A whole number, uniform in ``0 … bound - 1``."""
        limit = (1 << _BITS) // bound * bound
        for turn in range(1000):
            block = _hash(self.seed, name.encode(), turn.to_bytes(4, "big"))
            number = int.from_bytes(block[: _BITS // 8], "big")
            if number < limit:
                return number % bound
        raise AssertionError("a thousand draws in a row were out of range")

    def choice(self, items: Sequence[Item], name: str) -> Item:
        return items[self.below(len(items), name)]

    def shuffled(self, items: Sequence[Item], name: str) -> list[Item]:
        """A uniform permutation (Fisher and Yates)."""
        result = list(items)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1, f"{name}/{last}")
            result[last], result[other] = result[other], result[last]
        return result
