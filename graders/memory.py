"""What a call did to memory, told from bytes that came back: see runner/witness.py.

The grader compares them with its own copies, to the bit. Code that takes its runner
over can send back whatever it likes, and gains no more by it than having left its
arguments alone would; an honest mistake shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from exercises.authoring import Case
from exercises.spec import Exercise, Tolerance
from graders.compare import same_answer
from graders.explain import name_of
from graders.mismatch import Path
from graders.naming import argument_names
from graders.trees import map_tensors

EXACT = Tolerance(rel=0.0)
WITNESSED = ("after", "later")  # beside the answer


def answer_of(value: Any) -> Any:
    """The answer alone, without what was returned about memory."""
    if not isinstance(value, dict):
        return value
    return {key: part for key, part in value.items() if key not in WITNESSED}


def map_answer(change: Callable[[Tensor], Tensor], value: Any) -> Any:
    """Change every tensor of the answer, and nothing of what is told about memory."""
    if not isinstance(value, dict):
        return map_tensors(change, value)
    answer = map_tensors(change, answer_of(value))
    later = {"later": outputs_of(answer)} if "later" in value else {}
    return {**value, **answer, **later}


TEXTS = {
    "inputs": (
        "Ответ верный, но изменился аргумент {name}, а он должен остаться прежним. "
        "Работайте с копией (clone) или операциями, которые создают новый тензор: "
        "a = a + b вместо a += b."
    ),
    "place": (
        "Ответ верный, но в аргументе {name} после вызова лежит не он. Запишите ответ "
        "в этот самый тензор: операциями с подчёркиванием на конце или x[...] = y."
    ),
    "memory": (
        "Ответ верный, но он делит память с аргументом: стоит изменить аргумент, "
        "и изменится ответ. Верните копию (clone)."
    ),
}


@dataclass(frozen=True, slots=True)
class Misuse:
    """What a call did to memory and should not have done."""

    kind: str  # a key of TEXTS
    path: Path = ()  # of the argument, into what came back

    def told(self, exercise: Exercise, inputs: Mapping[str, Any]) -> str:
        """The same in Russian."""
        name = name_of(self.path, argument_names(exercise, inputs))
        return TEXTS[self.kind].format(name=name)

    @property
    def details(self) -> Mapping[str, Any]:
        return {"difference": self.kind, "path": list(self.path)}

    @property
    def symptom(self) -> tuple[str, ...]:
        return (self.kind, *map(str, self.path))


def misuse(case: Case, inputs: Mapping[str, Any], value: Any) -> Misuse | None:
    """What a call that answered rightly did to memory against the case's demands."""
    if not isinstance(value, dict):  # an exception was wanted, and raised
        return None
    written = None if case.written is None else _place(case.written)
    if case.untouched or written is not None:
        after = value.get("after")
        path = _changed_argument(after, inputs, but=written)
        if path is not None:
            return Misuse("inputs", path)
        if written is not None and not _holds(after, written, value.get("output")):
            return Misuse("place", written)
    if case.fresh and not _same(value.get("later"), outputs_of(value)):
        return Misuse("memory")
    return None


def _place(argument: int | str) -> Path:
    return ("args" if isinstance(argument, int) else "kwargs", argument)


def _changed_argument(
    after: Any, inputs: Mapping[str, Any], *, but: Path | None
) -> Path | None:
    """Where what came back first differs from our own, except inside ``but``.

    An exercise's own probe chooses which of the inputs come back. A path is shown, so
    no name in it is the runner's.
    """
    if not isinstance(after, dict) or not after or not after.keys() <= inputs.keys():
        return ()
    return _difference(after, {key: inputs[key] for key in after}, but, ())


def _difference(after: Any, before: Any, but: Path | None, at: Path) -> Path | None:
    if at == but:
        return None
    keys = _keys(before)
    if keys is None:
        return None if _same(after, before) else at
    if _keys(after) != keys:
        return at
    found = (_difference(after[k], before[k], but, (*at, k)) for k in keys)
    return next((path for path in found if path is not None), None)


def _keys(tree: Any) -> list[Any] | None:
    if isinstance(tree, dict):
        return list(tree)
    return list(range(len(tree))) if isinstance(tree, list | tuple) else None


def _holds(after: Any, written: Path, output: Any) -> bool:
    kind, argument = written
    return _same(after[kind][argument], output)


def outputs_of(value: Mapping[str, Any]) -> Any:
    """What the solution returned, of one call or of several."""
    if "answers" in value:
        return [answer["output"] for answer in value["answers"]]
    return value.get("output")


def _same(one: Any, other: Any) -> bool:
    return same_answer(one, other, EXACT)
