"""Mistakes that anybody makes with the shape of a tensor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from quizsite.quizzes.near_misses import Near
from quizsite.quizzes.types.usual import the_only

Axis = TypeVar("Axis")
Same = Callable[[Axis, Axis], bool]


def near_shape(
    given: Sequence[Axis],
    wanted: Sequence[Axis],
    same: Same[Axis],
    by_one: Same[Axis],
) -> Near:
    """What one kind of mistake explains; ``by_one``: sizes that differ by one."""
    return the_only(_kinds(given, wanted, same, by_one))


def _kinds(
    given: Sequence[Axis],
    wanted: Sequence[Axis],
    same: Same[Axis],
    by_one: Same[Axis],
) -> Iterator[str]:
    if len(given) == len(wanted):
        if _rearranged(given, wanted, same):
            yield "axes-order"
        differing = [
            pair for pair in zip(given, wanted, strict=True) if not same(*pair)
        ]
        if len(differing) == 1 and by_one(*differing[0]):
            yield "axis-off-by-one"
    elif len(given) == len(wanted) - 1:
        if _all_same(given, wanted[1:], same):
            yield "batch-axis"
        elif _without_one(wanted, given, same):
            yield "axis-count"
    elif len(given) == len(wanted) + 1 and _without_one(given, wanted, same):
        yield "axis-count"


def _all_same(one: Sequence[Axis], other: Sequence[Axis], same: Same[Axis]) -> bool:
    return len(one) == len(other) and all(map(same, one, other))


def _without_one(
    longer: Sequence[Axis], shorter: Sequence[Axis], same: Same[Axis]
) -> bool:
    return any(
        _all_same([*longer[:index], *longer[index + 1 :]], shorter, same)
        for index in range(len(longer))
    )


def _rearranged(
    given: Sequence[Axis], wanted: Sequence[Axis], same: Same[Axis]
) -> bool:
    left = list(wanted)
    for axis in given:
        found = next((i for i, one in enumerate(left) if same(axis, one)), None)
        if found is None:
            return False
        left.pop(found)
    return True
