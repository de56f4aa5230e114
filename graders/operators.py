"""Operators that a runner says it saw: which are forbidden, how many, where first.

A runner may claim any name at all, and on a hidden check a name could carry the inputs
out. So a name is repeated to the student only where this process knows it too.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

import torch

from exercises.spec import Exercise
from graders.policy import PARTS, covers
from graders.sandbox.session import Trace


@dataclass(frozen=True, slots=True)
class Call:
    """An operator that ran."""

    name: str  # or the pattern that it fits, where the name is nobody's
    line: int  # of the source, as the runner says; 0: unknown


def forbidden_call(exercise: Exercise, trace: Trace) -> Call | None:
    """The first forbidden operator that ran, if one did."""
    for name in trace.operators:
        for pattern in exercise.forbidden_operators:
            if fnmatchcase(name, pattern):
                name = _as_called(exercise, trace, name)
                shown = name if is_known(name) else pattern
                return Call(shown, trace.lines.get(name, 0))
    return None


def _as_called(exercise: Exercise, trace: Trace, operator: str) -> str:
    """The forbidden function that was called in the same line, if one was.

    ``torch.nn.functional.unfold`` says more than ``aten::im2col``. It is no reason to
    refuse anything: API patterns are written for names as they stand in a source.
    """
    line = trace.lines.get(operator)
    if not line:
        return operator
    for name in trace.operators:
        beside = "::" not in name and trace.lines.get(name) == line
        if beside and any(covers(pattern, name) for pattern in exercise.forbidden_api):
            return name
    return operator


def counted(trace: Trace, pattern: str) -> dict[str, int]:
    """How often each operator of the pattern ran, the most frequent first."""
    fitting = {
        name: calls
        for name, calls in trace.operators.items()
        if fnmatchcase(name, pattern)
    }
    return dict(sorted(fitting.items(), key=lambda item: -item[1]))


def is_known(name: str) -> bool:
    """Whether this process has such an operator or function of torch as well."""
    if "::" in name:
        return name in _operators()
    root, *parts = name.split(".")[: PARTS + 1]
    found: object = torch
    try:
        for part in parts:  # static: nothing is executed for a claimed name
            found = inspect.getattr_static(found, part)
    except AttributeError:
        return False
    return root == "torch" and bool(parts) and name.count(".") <= PARTS


@cache  # asked for one name at a time, torch would keep every name it is asked for
def _operators() -> frozenset[str]:
    return frozenset(schema.name for schema in torch._C._jit_get_all_schemas())
