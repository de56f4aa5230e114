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
from safetensors import TensorSpec, serialize

from .tensors import COMPLEXES, NAMES, TooLarge, WireError, flat, load

HEADER = struct.Struct(">II")  # lengths of structure and tensors
LIST, TUPLE, DICT, TENSOR, COMPLEX, OPAQUE = "l", "t", "d", "T", "c", "o"


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
            return value if _fits(value) else self._foreign("int")
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
        if type(key) not in (str, int) or (type(key) is int and not _fits(key)):
            key = f"<{type_name(type(key))}>"
        return [key, self.node(value, depth + 1)]

    def _tensor(self, tensor: torch.Tensor) -> list[Any]:
        dtype = tensor.dtype
        if tensor.layout != torch.strided or dtype not in (*NAMES, *COMPLEXES):
            return self._foreign(f"Tensor[{tensor.layout}, {dtype}]")
        if tensor.is_meta:
            return self._foreign("Tensor[meta]")
        if not self.layout:  # asked before the copy: strides of zero make any size
            self._count(tensor.nbytes)
        meta: dict[str, Any] = {}
        if self.layout and tensor.requires_grad:
            meta["grad"] = True
        dense = tensor.detach().resolve_conj().resolve_neg().cpu()
        if self.layout and not dense.is_contiguous():
            meta |= {"size": list(dense.shape), "stride": list(dense.stride())}
            dense = flat(dense)
        dense = dense.contiguous()
        if dtype in COMPLEXES:
            meta["complex"] = True
            dense = torch.view_as_real(dense)
        return [TENSOR, self._store(dense), meta]

    def _store(self, dense: torch.Tensor) -> int:
        index = len(self.keep)
        self.keep.append(dense)
        self.specs[str(index)] = TensorSpec(
            dtype=NAMES[dense.dtype],
            shape=list(dense.shape),
            data_ptr=dense.data_ptr(),
            data_len=dense.nbytes,
        )
        if self.layout:
            self._count(dense.nbytes)
        return index

    def _count(self, nbytes: int) -> None:
        self.nbytes += nbytes
        if self.nbytes > self.caps.tensors:
            raise TooLarge("too many bytes of tensors")


def _fits(value: int) -> bool:
    """Whether msgpack has a form for it."""
    return -(2**63) <= value < 2**64


def type_name(kind: type) -> str:
    """A class's full name, whatever its metaclass makes of it."""
    try:
        name = f"{kind.__module__}.{kind.__qualname__}"
    except Exception:
        return "?"
    return name.removeprefix("builtins.")[:200]


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
            storage, tensor = tensor.untyped_storage(), tensor.new_empty(0)
            tensor.set_(storage, 0, meta["size"], meta["stride"])
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
    decoder = _Decoder(load(tensors), layout, caps, opaque)
    tree = decoder.value(message.pop("tree"))
    if decoder.tensors:
        raise WireError("tensors that nothing refers to")
    return message, tree
