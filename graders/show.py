"""A public case's inputs as text a student can paste and play with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from graders.words import clipped

ELEMENTS = 64  # larger tensors are shown by shape only
CHARACTERS = 4000


def shown_inputs(inputs: Mapping[str, Any]) -> str:
    """The call, one argument a line."""
    if "call" not in inputs:
        lines = [f"{key} = {_text(value)}" for key, value in inputs.items()]
        return clipped("\n".join(lines), CHARACTERS)
    arguments = [_text(value) for value in inputs["args"]]
    arguments += [f"{key}={_text(value)}" for key, value in inputs["kwargs"].items()]
    body = "".join(f"    {argument},\n" for argument in arguments)
    return clipped(f"{inputs['call']}(\n{body})", CHARACTERS)


def _text(value: Any) -> str:
    if isinstance(value, Tensor):
        return _tensor(value)
    if isinstance(value, list | tuple):
        items = ", ".join(_text(item) for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items})"
    return repr(value)


def _tensor(tensor: Tensor) -> str:
    dtype = "" if tensor.dtype in (torch.float32, torch.bool) else f", {tensor.dtype}"
    if tensor.numel() > ELEMENTS:
        return f"<тензор {list(tensor.shape)}, {tensor.dtype}>"
    return f"torch.tensor({_nested(tensor.tolist())}{dtype})"


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_nested(item) for item in value)}]"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)
