"""Tensors as bytes: dtypes, strides, and safetensors read as hostile."""

from __future__ import annotations

from typing import Any

import torch
from safetensors import deserialize

DIMENSIONS = 32  # torch itself breaks beyond 64
HEADER_LIMIT = 1 << 20  # of safetensors' own JSON header
DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "I16": torch.int16,
    "I8": torch.int8,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}
NAMES = {dtype: str(dtype).removeprefix("torch.") for dtype in DTYPES.values()}
COMPLEXES = (torch.complex64, torch.complex128)


class WireError(Exception):
    """These bytes are no message, or this value cannot be made one."""


class TooLarge(WireError):
    """More bytes, nodes or levels than a message may have."""


def flat(tensor: torch.Tensor) -> torch.Tensor:
    """The storage that ``tensor``'s strides walk over, with zeros in the gaps.

    The gaps are zeroed because they may hold what the runner must not see.
    """
    span = 1 + sum(
        (size - 1) * stride
        for size, stride in zip(tensor.shape, tensor.stride(), strict=True)
    )
    narrow = tensor
    for dim, stride in enumerate(tensor.stride()):
        if stride == 0:  # an expanded dimension is written once
            narrow = narrow.narrow(dim, 0, 1)
    flat = tensor.new_zeros(span)
    # Overlapping windows (Tensor.unfold) cannot be a copy's target; scatter by index.
    where = torch.arange(span).as_strided(narrow.shape, narrow.stride())
    flat[where.reshape(-1)] = narrow.reshape(-1)
    return flat


def load(blob: bytes) -> dict[str, torch.Tensor]:
    if not blob:
        return {}
    if int.from_bytes(blob[:8], "little") > HEADER_LIMIT:
        raise TooLarge("a long header of tensors")
    try:
        # Checks that offsets lie inside, leave no hole and do not overlap.
        entries = deserialize(blob)  # type: ignore[no-untyped-call]
        return {name: _rebuild(entry) for name, entry in entries}
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"no safetensors: {type(error).__name__}") from None


def _rebuild(entry: dict[str, Any]) -> torch.Tensor:
    """A dense tensor that owns its memory, from one checked entry."""
    dtype = DTYPES.get(entry["dtype"])
    if dtype is None:
        raise WireError("a tensor of a dtype that is not used here")
    data, shape = entry["data"], entry["shape"]
    if len(shape) > DIMENSIONS:
        raise WireError("a tensor of very many dimensions")
    if not data:
        return torch.empty(shape, dtype=dtype)
    if dtype == torch.bool:  # any byte may come, only 0 and 1 are a bool
        return (torch.frombuffer(data, dtype=torch.uint8) != 0).reshape(shape)
    return torch.frombuffer(data, dtype=dtype).reshape(shape)
