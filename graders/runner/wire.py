"""Messages between the grader and a runner: frames, trees, tensors.

Theory of operation
-------------------
A frame is two lengths, a msgpack part (structure) and a safetensors part (numbers).
The structure holds a small message and one *tree*: None, bool, int, float and str
stand for themselves; every other node is a list whose first item is a tag, so
nothing is ambiguous and nothing needs msgpack's extension types.

The same code runs on both sides, but the two directions are not alike. The runner
decodes what the trusted grader sent, with ``layout`` (strides, ``requires_grad``).
The grader decodes hostile bytes: it refuses layout, checks every cap before it
allocates, takes each tensor once, and answers anything odd with :class:`WireError`.
No object is ever built from a name or from code in the stream.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgpack
import torch
from safetensors import TensorSpec, deserialize, serialize

HEADER = struct.Struct(">II")  # lengths of structure and tensors
HEADER_LIMIT = 1 << 20  # of safetensors' own JSON header
LIST, TUPLE, DICT, TENSOR, COMPLEX, OPAQUE = "l", "t", "d", "T", "c", "o"

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
_NAMES = {dtype: str(dtype).removeprefix("torch.") for dtype in DTYPES.values()}
_COMPLEX = (torch.complex64, torch.complex128)


class WireError(Exception):
    """These bytes are no message, or this value cannot be made one."""


class TooLarge(WireError):
    """More bytes, nodes or levels than a message may have."""


@dataclass(frozen=True, slots=True)
class Caps:
    """What a message may cost its reader."""

    structure: int = 1 << 20  # bytes of msgpack
    tensors: int = 64 << 20  # bytes of safetensors
    nodes: int = 100_000
    depth: int = 48
    text: int = 1 << 19  # characters of one string


CAPS = Caps()


# --- encoding -----------------------------------------------------------------


@dataclass(slots=True)
class _Encoder:
    layout: bool
    caps: Caps
    nodes: int = 0
    nbytes: int = 0
    specs: dict[str, TensorSpec] = field(default_factory=dict)
    keep: list[torch.Tensor] = field(default_factory=list)  # specs hold pointers

    def node(self, value: Any, depth: int = 0) -> Any:
        """``value`` as msgpack can carry it; types are compared exactly."""
        self.nodes += 1
        if depth > self.caps.depth or self.nodes > self.caps.nodes:
            raise TooLarge("nested too deeply, or too many items")
        kind = type(value)
        if value is None or kind in (bool, float):
            return value
        if kind is int:
            return value if -(2**63) <= value < 2**64 else self._foreign("int")
        if kind is str:
            if len(value) > self.caps.text:
                raise TooLarge("a long string")
            return value
        if kind in (list, tuple):
            tag = LIST if kind is list else TUPLE
            return [tag, [self.node(item, depth + 1) for item in value]]
        if kind in (dict, OrderedDict):
            return [DICT, [self._pair(key, value[key], depth) for key in value]]
        if kind is complex:
            return [COMPLEX, value.real, value.imag]
        if kind in (torch.Tensor, torch.nn.Parameter):
            return self._tensor(value)
        return self._foreign(type_name(kind))

    def _foreign(self, name: str) -> list[Any]:
        """What is not carried: named to the grader, refused to an author."""
        if self.layout:
            raise WireError(f"a runner cannot be sent a {name}")
        return [OPAQUE, name]

    def _pair(self, key: Any, value: Any, depth: int) -> list[Any]:
        if type(key) not in (str, int):
            key = f"<{type_name(type(key))}>"
        return [key, self.node(value, depth + 1)]

    def _tensor(self, tensor: torch.Tensor) -> list[Any]:
        dtype = tensor.dtype
        if tensor.layout != torch.strided or dtype not in (*_NAMES, *_COMPLEX):
            return self._foreign(f"Tensor[{tensor.layout}, {dtype}]")
        meta: dict[str, Any] = {}
        if self.layout and tensor.requires_grad:
            meta["grad"] = True
        dense = tensor.detach().resolve_conj().resolve_neg().cpu()
        if self.layout and not dense.is_contiguous():
            meta |= {"size": list(dense.shape), "stride": list(dense.stride())}
            dense = _flat(dense)
        dense = dense.contiguous()
        if dtype in _COMPLEX:
            meta["complex"] = True
            dense = torch.view_as_real(dense)
        return [TENSOR, self._store(dense), meta]

    def _store(self, dense: torch.Tensor) -> int:
        index = len(self.keep)
        self.keep.append(dense)
        self.specs[str(index)] = TensorSpec(
            dtype=_NAMES[dense.dtype],
            shape=list(dense.shape),
            data_ptr=dense.data_ptr(),
            data_len=dense.nbytes,
        )
        self.nbytes += dense.nbytes
        if self.nbytes > self.caps.tensors:
            raise TooLarge("too many bytes of tensors")
        return index


def type_name(kind: type) -> str:
    """A class's full name, whatever its metaclass makes of it."""
    try:
        name = f"{kind.__module__}.{kind.__qualname__}"
    except Exception:
        return "?"
    return name.removeprefix("builtins.")[:200]


def _flat(tensor: torch.Tensor) -> torch.Tensor:
    """The storage that ``tensor``'s strides walk over, with zeros in the gaps.

    The gaps are zeroed because they may hold what the runner must not see.
    """
    span = 1 + sum(
        (size - 1) * stride
        for size, stride in zip(tensor.shape, tensor.stride(), strict=True)
    )
    if not tensor.numel():
        return tensor.new_zeros(0)
    narrow = tensor
    for dim, stride in enumerate(tensor.stride()):
        if stride == 0:  # an expanded dimension is written once
            narrow = narrow.narrow(dim, 0, 1)
    flat = tensor.new_zeros(span)
    # Overlapping windows (Tensor.unfold) cannot be a copy's target; scatter by index.
    where = torch.arange(span).as_strided(narrow.shape, narrow.stride())
    flat[where.reshape(-1)] = narrow.reshape(-1)
    return flat


def encode(
    message: dict[str, Any],
    tree: Any = None,
    *,
    layout: bool = False,
    caps: Caps = CAPS,
) -> bytes:
    """One frame.

    Args:
        layout: keep strides and ``requires_grad``; for inputs, where a value that
            cannot be carried is the author's error.

    Raises:
        TooLarge: the tree is nested too deeply or has too many items.
        WireError: with ``layout``, it has a value that cannot be carried.
    """
    encoder = _Encoder(layout=layout, caps=caps)
    content = {**message, "tree": encoder.node(tree)}
    structure: bytes = msgpack.packb(content, unicode_errors="replace")
    tensors = bytes(serialize(encoder.specs)) if encoder.specs else b""
    if len(structure) > caps.structure or len(tensors) > caps.tensors:
        raise TooLarge(f"{len(structure) + len(tensors)} bytes")
    return HEADER.pack(len(structure), len(tensors)) + structure + tensors


# --- decoding -----------------------------------------------------------------


@dataclass(slots=True)
class _Decoder:
    tensors: dict[str, torch.Tensor]
    layout: bool
    caps: Caps
    opaque: Callable[[str], Any]
    nodes: int = 0

    def value(self, node: Any, depth: int = 0) -> Any:
        self.nodes += 1
        if depth > self.caps.depth or self.nodes > self.caps.nodes:
            raise TooLarge("nested too deeply, or too many items")
        if node is None or type(node) in (bool, int, float, str):
            return node
        if type(node) is not list or not node:
            raise WireError("a node of no known kind")
        match node:
            case ["l", list(items)]:
                return [self.value(item, depth + 1) for item in items]
            case ["t", list(items)]:
                return tuple([self.value(item, depth + 1) for item in items])
            case ["d", list(pairs)]:
                return dict([self._pair(pair, depth) for pair in pairs])
            case ["c", float(real), float(imag)]:
                return complex(real, imag)
            case ["o", str(name)]:
                return self.opaque(name[:200])
            case ["T", int(index), dict(meta)]:
                return self._tensor(index, meta)
        raise WireError("a node of no known kind")

    def _pair(self, pair: Any, depth: int) -> tuple[Any, Any]:
        match pair:
            case [str() | int() as key, value]:
                return key, self.value(value, depth + 1)
        raise WireError("a pair of no known kind")

    def _tensor(self, index: int, meta: dict[Any, Any]) -> torch.Tensor:
        # pop: each tensor once, so that an answer cannot alias its own parts.
        tensor = self.tensors.pop(str(index), None)
        if tensor is None:
            raise WireError("a tensor that is not there")
        if meta.get("complex") is True:
            if not (tensor.dtype in (torch.float32, torch.float64) and tensor.ndim):
                raise WireError("a complex tensor without pairs")
            if tensor.shape[-1] != 2:
                raise WireError("a complex tensor without pairs")
            tensor = torch.view_as_complex(tensor).clone()
        if not self.layout:
            return tensor
        if "stride" in meta:
            flat, tensor = tensor, tensor.new_empty(0)
            tensor.set_(flat.untyped_storage(), 0, meta["size"], meta["stride"])
        return tensor.requires_grad_() if meta.get("grad") else tensor


def lengths(header: bytes, caps: Caps = CAPS) -> tuple[int, int]:
    """Lengths of the two parts that follow ``header``.

    Raises:
        TooLarge: before anything is read or allocated.
    """
    structure, tensors = HEADER.unpack(header)
    if structure > caps.structure or tensors > caps.tensors:
        raise TooLarge(f"{structure + tensors} bytes")
    return structure, tensors


def decode(
    structure: bytes,
    tensors: bytes,
    *,
    layout: bool = False,
    caps: Caps = CAPS,
    opaque: Callable[[str], Any] = str,
) -> tuple[dict[str, Any], Any]:
    """The message and the tree of one frame.

    Raises:
        WireError: the bytes are malformed in any way at all.
    """
    try:
        message = msgpack.unpackb(structure, raw=False, strict_map_key=False)
    except Exception as error:  # msgpack has a dozen of them
        raise WireError(f"no msgpack: {type(error).__name__}") from None
    if type(message) is not dict or "tree" not in message:
        raise WireError("no message")
    decoder = _Decoder(_load_tensors(tensors), layout, caps, opaque)
    tree = decoder.value(message.pop("tree"))
    if decoder.tensors:
        raise WireError("tensors that nothing refers to")
    return message, tree


def _load_tensors(blob: bytes) -> dict[str, torch.Tensor]:
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
    if not data:
        return torch.empty(shape, dtype=dtype)
    if dtype == torch.bool:  # any byte may come, only 0 and 1 are a bool
        return (torch.frombuffer(data, dtype=torch.uint8) != 0).reshape(shape)
    return torch.frombuffer(data, dtype=dtype).reshape(shape)
