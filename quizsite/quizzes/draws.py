"""Which questions an attempt asks, and in which order: a pure function of its seed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import Protocol, TypeVar

from quizsite.lib.sourced_yaml import Document
from quizsite.quizzes.dice import Dice
from quizsite.quizzes.rules import Pool

ANY = "*"  # the tag that every question has


class Tagged(Protocol):
    @property
    def tags(self) -> Set[str]: ...


Asked = TypeVar("Asked", bound=Tagged)


def draw(
    questions: Sequence[Asked], *, pools: Iterable[Pool], shuffle: bool, seed: bytes
) -> list[Asked]:
    """The questions of one attempt.

    Each pool takes so many of those that have its tag and that no pool before it had;
    what is in no pool is always asked.
    """
    dice = Dice.of("draw", seed)
    left, dropped = list(range(len(questions))), set[int]()
    for number, pool in enumerate(pools):
        tagged = [one for one in left if _has(questions[one], pool["tag"])]
        order = dice.shuffled(tagged, f"pool/{number}")
        dropped |= set(order[pool["draw"] :])
        left = [one for one in left if one not in tagged]
    asked = [one for number, one in enumerate(questions) if number not in dropped]
    return dice.shuffled(asked, "order") if shuffle else asked


def _has(question: Tagged, tag: str) -> bool:
    return tag == ANY or tag in question.tags


def read_pools(document: Document, questions: Sequence[Tagged]) -> list[Pool]:
    """``pools:`` of a quiz file: ``{tag: …, draw: k}``, k fewer than have the tag.

    Raises:
        DocumentError: with line and field.
    """
    if "pools" not in document.value:
        return []
    return [_pool(part, questions) for part in document.child("pools").items()]


def _pool(document: Document, questions: Sequence[Tagged]) -> Pool:
    document.keys(required={"tag", "draw"})
    tag, most = document.get("tag", str), document.get("draw", int)
    count = sum(_has(one, tag) for one in questions)
    if not count:
        raise document.child("tag").error(f"ни у одного вопроса нет метки «{tag}»")
    if not 1 <= most < count:
        raise document.child("draw").error(
            f"с меткой «{tag}» вопросов {count}: взять можно от 1 до {count - 1}"
        )
    return {"tag": tag, "draw": most}
