"""Which operators ran and how large a tensor became: seen from inside, advisory.

A submission that takes the runner over could forge this; the static check of the
source stands beside it. It serves honest solutions: it sees through aliases and
helper functions, which a look at the source does not.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import torch
from torch.overrides import TorchFunctionMode, resolve_name
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


@cache  # torch looks through its table anew each time, warnings switched off
def _name(function: Any) -> str:
    return str(resolve_name(function) or getattr(function, "__name__", "?"))


class _Functions(TorchFunctionMode):
    """Counts calls as the student wrote them: ``torch.nn.functional.unfold``."""

    def __init__(self, calls: Counter[str]) -> None:
        super().__init__()
        self.calls = calls

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        self.calls[_name(func)] += 1
        return func(*args, **(kwargs or {}))


class _Operators(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts what reaches the dispatcher: ``aten::im2col``."""

    def __init__(self, calls: Counter[str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls = calls
        self.largest = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # nothing is compiled here; else dynamo wraps every call

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        self.calls[func._schema.name] += 1
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self.largest = max(self.largest, leaf.numel())
        return result


class Recorder:
    """Records while it is entered."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.functions = _Functions(self.calls)
        self.operators = _Operators(self.calls)

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
            "operators": dict(self.calls),
            "largest_tensor": self.operators.largest,
        }
