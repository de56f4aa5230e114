"""A public case's inputs as text a student can paste and play with."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from graders.memory import WITNESSED
from graders.words import clipped

ELEMENTS = 64  # larger tensors are shown by shape only
CHARACTERS = 4000
DEFAULT_DTYPES = (torch.float32, torch.int64, torch.bool)  # of torch.tensor


def shown_inputs(inputs: Mapping[str, Any]) -> str:
    """The call, one argument a line, after whatever has to come before it."""
    return clipped("\n".join(_lines(inputs)), CHARACTERS)


def _lines(inputs: Mapping[str, Any]) -> Iterator[str]:
    if "seed" in inputs:
        yield f"torch.manual_seed({inputs['seed']})"
    if "calls" in inputs:
        yield "answers = []"
        for number, call in enumerate(inputs["calls"]):
            yield from _called(
                call, f"layer{call.get('object', number)}", "answers += "
            )
    elif "call" in inputs:
        yield from _called(inputs, "layer")
    else:
        for key, value in inputs.items():
            if key not in WITNESSED:
                yield f"{key} = {_text(value)}"


def _called(inputs: Mapping[str, Any], layer: str, to: str = "") -> Iterator[str]:
    """``layer`` is what an object is called, if one is built or was before."""
    if inputs.get("build"):
        yield from _built(inputs, layer)
    name = layer if "build" in inputs else inputs["call"]
    opening, closing = ("[", "]") if to else ("", "")
    yield f"{to}{opening}{name}("
    wanted = inputs.get("grad_of", ())
    for argument in _arguments(inputs["args"], inputs["kwargs"], wanted):
        yield f"    {argument},"
    yield f"){closing}"
    if weights := inputs.get("cotangents"):
        yield f"grad_outputs = {_text(weights)}"


def _built(inputs: Mapping[str, Any], layer: str) -> Iterator[str]:
    arguments = _arguments(inputs["build"]["args"], inputs["build"]["kwargs"])
    yield f"{layer} = {inputs['call']}({', '.join(arguments)})"
    if "training" in inputs:
        yield f"{layer}.{'train' if inputs['training'] else 'eval'}()"
    if "state" in inputs:
        yield f"{layer}.load_state_dict({{"
        for key, value in inputs["state"].items():
            yield f"    {key!r}: {_text(value)},"
        yield "})"


def _arguments(
    args: Sequence[Any], kwargs: Mapping[str, Any], wanted: Collection[int | str] = ()
) -> Iterator[str]:
    """Each as it is written in a call; those to differentiate by say so."""
    for key, value in [*enumerate(args), *kwargs.items()]:
        text = _text(value) + (".requires_grad_()" if key in wanted else "")
        yield text if isinstance(key, int) else f"{key}={text}"


def _text(value: Any) -> str:
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, list | tuple):
        items = ", ".join(_text(item) for item in value)
        comma = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"[{items}]" if isinstance(value, list) else f"({items}{comma})"
    if isinstance(value, dict) and set(value) == {"earlier"}:
        number, *path = value["earlier"]
        return f"answers[{number}]" + "".join(f"[{key!r}]" for key in path)
    return repr(value)


def _tensor(tensor: Tensor) -> str:
    dtype = "" if tensor.dtype in DEFAULT_DTYPES else f", dtype={tensor.dtype}"
    if tensor.numel() > ELEMENTS:
        return f"<тензор {list(tensor.shape)}, {tensor.dtype}>"
    if not tensor.numel():
        return f"torch.zeros({list(tensor.shape)}, dtype={tensor.dtype})"
    return f"torch.tensor({_nested(tensor.tolist())}{dtype})"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(item) for item in value)}]"
    if not isinstance(value, float):
        return repr(value)
    if not math.isfinite(value):
        return f"torch.{value}".replace("torch.-", "-torch.")
    text = f"{value:.6g}"
    return f"{text}." if text.lstrip("-").isdigit() else text
