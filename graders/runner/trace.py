"""Which operators ran and where, and how large a tensor became; advisory.

It is seen from inside. A submission that takes the runner over could forge this; the
static check of the source stands beside it. It serves honest solutions: it sees through
aliases and helper functions, which a look at the source does not.
"""

from __future__ import annotations

import sys
import types
from collections import Counter
from functools import cache
from typing import Any

import torch
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from .solution import FILENAME


def _student_line() -> int:
    """The innermost line of the student's that is being executed; 0 if there is none.

    In a backward pass there is none: it is torch that calls then.
    """
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == FILENAME:
            return frame.f_lineno or 0
        frame = frame.f_back
    return 0


@cache  # torch looks through its table anew each time, warnings switched off
def _name(function: Any) -> str:
    return str(resolve_name(function) or getattr(function, "__name__", "?"))


class _Notes:
    """What both modes write down."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.lines: dict[str, int] = {}  # of the first call of each name
        self.largest = self.largest_line = 0

    def count(self, name: str) -> None:
        self.calls[name] += 1
        if name not in self.lines:  # the stack is walked once for each name
            self.lines[name] = _student_line()

    def measure(self, elements: int) -> None:
        if elements > self.largest:
            self.largest, self.largest_line = elements, _student_line()


class _Functions(TorchFunctionMode):
    """Counts calls as the student wrote them: ``torch.nn.functional.unfold``."""

    def __init__(self, notes: _Notes) -> None:
        super().__init__()
        self.notes = notes

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        self.notes.count(_name(func))
        return func(*args, **(kwargs or {}))


class _Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what reaches the dispatcher: ``aten::im2col``."""

    def __init__(self, notes: _Notes) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.notes = notes

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here; else dynamo wraps every call

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        self.notes.count(func._schema.name)
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self.notes.measure(leaf.numel())
        return result


class Recorder:
    """Records while it is entered."""

    def __init__(self) -> None:
        self.notes = _Notes()
        self.functions = _Functions(self.notes)
        self.operators = _Operators(self.notes)

    def __enter__(self) -> Recorder:
        self.operators.__enter__()  # type: ignore[no-untyped-call]
        self.functions.__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *exc: Any) -> None:
        self.functions.__exit__(*exc)  # type: ignore[no-untyped-call]
        self.operators.__exit__(*exc)  # type: ignore[no-untyped-call]

    def as_dict(self) -> dict[str, Any]:
        # All of them: of a selection, what is forbidden could be crowded out.
        return {
            "operators": dict(self.notes.calls),
            "lines": {name: line for name, line in self.notes.lines.items() if line},
            "largest_tensor": self.notes.largest,
            "largest_line": self.notes.largest_line,
        }
