"""What a call did to memory: bytes from which the grader tells, instead of a claim.

``inputs`` may ask for two things beside the answer:

``after``
    the arguments as they are after the call: the grader holds its own copies and sees
    whether they were changed, or whether the answer was written where it should be;
``later``
    the output once more, after every argument was overwritten: where it differs from
    the output as it was returned, it shares memory with an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

DEPTH = 12  # what a student returns may be a cycle
BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def witnessed(inputs: Mapping[str, Any], output: Any) -> dict[str, Any]:
    """The parts that ``inputs`` asks for, of a call that returned ``output``."""
    found = {}
    arguments = {k: inputs[k] for k in ("args", "kwargs", "calls") if k in inputs}
    if inputs.get("after"):
        found["after"] = copied(arguments)
    if inputs.get("later"):
        _overwrite(arguments)
        found["later"] = copied(output)
    return found


def detached(value: Any) -> Any:
    """The same tree without the graph; foreign types stay what they are."""
    return _mapped(torch.Tensor.detach, value)


def copied(value: Any) -> Any:
    """The same without the graph and in memory of its own."""
    return _mapped(lambda tensor: tensor.detach().clone(), value)


def _mapped(
    change: Callable[[torch.Tensor], torch.Tensor], value: Any, depth: int = 0
) -> Any:
    if depth > DEPTH:
        return value
    if type(value) in (torch.Tensor, torch.nn.Parameter):
        return change(value)
    if type(value) in (list, tuple):
        return type(value)(_mapped(change, item, depth + 1) for item in value)
    if type(value) is dict:
        return {key: _mapped(change, item, depth + 1) for key, item in value.items()}
    return value


def _overwrite(arguments: Any) -> None:
    """Flip the lowest bit of every element, so that none stays what it was."""
    storages = {
        tensor.untyped_storage().data_ptr(): (tensor.untyped_storage(), tensor.dtype)
        for tensor in _tensors(arguments)
    }
    for storage, dtype in storages.values():
        bits = torch.empty(0, dtype=BITS[min(dtype.itemsize, 8)], device=storage.device)
        bits.set_(storage).bitwise_xor_(1)


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _tensors(item)
