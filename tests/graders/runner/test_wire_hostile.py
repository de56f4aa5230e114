"""Hostile bytes where a frame should be: refused with WireError, never worse."""

from __future__ import annotations

import json
import math
from typing import Any

import msgpack
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from graders.runner import wire
from graders.runner.tensors import TooLarge, WireError
from graders.runner.wire import Caps
from tests.graders.runner.test_wire import parts


def structure(tree: Any) -> bytes:
    packed: bytes = msgpack.packb({"tree": tree})
    return packed


def safetensors(header: dict[str, Any], data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def entry(dtype: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


ONE = [wire.TENSOR, 0, {}]


@pytest.mark.parametrize(
    "blob",
    [
        safetensors({"0": entry("F32", [2], 0, 4)}, bytes(4)),
        safetensors({"0": entry("F32", [1], 0, 4)}, bytes(2)),
        safetensors({"0": entry("F32", [1], 4, 8)}, bytes(8)),
        safetensors({"0": entry("F32", [-1], 0, 4)}, bytes(4)),
        safetensors({"0": entry("F32", [2**62, 2**62], 0, 4)}, bytes(4)),
        safetensors({"0": entry("F32", [0, 2**62, 2**62], 0, 0)}, b""),
        safetensors({"0": entry("F32", [0] * 5000, 0, 0)}, b""),
        safetensors({"0": entry("U16", [2], 0, 4)}, bytes(4)),
        safetensors({"0": entry("F8_E5M2", [4], 0, 4)}, bytes(4)),
        safetensors({"0": entry("OBJECT", [1], 0, 4)}, bytes(4)),
        safetensors(
            {"0": entry("F32", [1], 0, 4), "1": entry("F32", [1], 0, 4)}, bytes(4)
        ),
        safetensors(
            {"0": entry("F32", [1], 0, 4), "1": entry("F32", [1], 4, 8)}, bytes(8)
        ),
        (2**62).to_bytes(8, "little") + bytes(8),
        (wire.CAPS.tensors).to_bytes(8, "little") + bytes(8),
        b"\x80\x04\x95cos\nsystem\n.",
        b"PK\x03\x04",
        b"\0",
    ],
    ids=range(17),
)
def test_malformed_tensors_are_refused(blob: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode(structure(ONE), blob)


@pytest.mark.parametrize(
    "tree",
    [
        [],
        {},
        ["?"],
        ["l"],
        ["l", 3],
        ["l", [], []],
        ["d", [["a"]]],
        ["d", [[None, 1]]],
        ["d", [[["l", []], 1]]],
        ["d", {"a": 1}],
        ["c", 1, 2],
        ["o", 3],
        ["T", 0],
        ["T", "0", {}],
        ["T", 5, {}],
        ["T", 0, []],
        b"bytes",
        msgpack.ExtType(5, b"x"),
        msgpack.Timestamp(1),
    ],
    ids=str,
)
def test_a_malformed_tree_is_refused(tree: Any) -> None:
    with pytest.raises(WireError):
        wire.decode(structure(tree), b"")


def test_a_tensor_cannot_be_named_twice_or_left_over() -> None:
    blob = parts(wire.encode({}, torch.ones(1)))[1]
    for tree in ([wire.LIST, [ONE, ONE]], None):
        with pytest.raises(WireError):
            wire.decode(structure(tree), blob)


def test_an_answer_may_not_choose_strides() -> None:
    blob = parts(wire.encode({}, torch.ones(4)))[1]
    meta = {"size": [2**40], "stride": [0], "grad": True}
    _, got = wire.decode(structure([wire.TENSOR, 0, meta]), blob)
    assert got.shape == (4,)
    assert not got.requires_grad


@pytest.mark.parametrize("shape", [[4], []])
@pytest.mark.parametrize("dtype", ["F32", "I64"])
def test_complex_without_pairs_is_refused(dtype: str, shape: list[int]) -> None:
    size = math.prod(shape) * (4 if dtype == "F32" else 8)
    blob = safetensors({"0": entry(dtype, shape, 0, size)}, bytes(size))
    with pytest.raises(WireError):
        wire.decode(structure([wire.TENSOR, 0, {"complex": True}]), blob)


def test_a_bool_is_true_or_false_whatever_byte_comes() -> None:
    blob = safetensors({"0": entry("BOOL", [3], 0, 3)}, b"\x00\x02\xff")
    _, got = wire.decode(structure(ONE), blob)
    assert got.view(torch.uint8).tolist() == [0, 1, 1]


@pytest.mark.parametrize("depth", [60, 900, 100_000])
def test_nesting_is_bounded_when_read(depth: int) -> None:
    nested = b"\x92\xa1l\x91" * depth + b"\xc0"
    with pytest.raises(WireError):
        wire.decode(b"\x81\xa4tree" + nested, b"")


def test_lengths_are_checked_before_anything_is_read() -> None:
    caps = Caps(structure=10, tensors=20)
    assert wire.lengths(wire.HEADER.pack(10, 20), caps) == (10, 20)
    for sizes in ((11, 0), (0, 21), (2**32 - 1, 2**32 - 1)):
        with pytest.raises(TooLarge):
            wire.lengths(wire.HEADER.pack(*sizes), caps)


def test_the_number_of_nodes_is_bounded() -> None:
    with pytest.raises(TooLarge):
        wire.decode(structure([wire.LIST, [None] * 200]), b"", caps=Caps(nodes=100))


def survives(structure_: bytes, blob: bytes) -> None:
    """Anything but WireError is a hole."""
    try:
        wire.decode(structure_, blob)
    except WireError:
        return


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_noise_is_refused_or_read_but_never_breaks(noise: bytes, blob: bytes) -> None:
    survives(noise, blob)


wild = st.recursive(
    st.none()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.binary(max_size=3),
    lambda node: (
        st.lists(node, max_size=4)
        | st.tuples(st.sampled_from("ltdTco"), node)
        | st.tuples(st.sampled_from("ltdTco"), node, node)
        | st.dictionaries(st.text(max_size=3), node, max_size=3)
    ),
    max_leaves=10,
).filter(lambda node: not isinstance(node, int) or -(2**63) <= node < 2**64)


@given(wild)
def test_a_wild_tree_is_refused_or_read_but_never_breaks(tree: Any) -> None:
    try:
        packed = structure(tree)
    except OverflowError:
        return
    survives(packed, parts(wire.encode({}, torch.ones(2)))[1])


@given(
    st.text(max_size=6) | st.sampled_from(["F32", "BOOL", "I64", "C64"]),
    st.lists(st.integers(-1, 2**64), max_size=4),
    st.integers(0, 40),
    st.integers(0, 40),
)
@example("F32", [2, 2], 0, 16)
def test_a_wild_header_is_refused_or_read_but_never_breaks(
    dtype: str, shape: list[int], start: int, end: int
) -> None:
    survives(
        structure(ONE), safetensors({"0": entry(dtype, shape, start, end)}, bytes(16))
    )


@given(st.data())
def test_a_damaged_frame_never_breaks(data: st.DataObject) -> None:
    tree = {"a": [torch.ones(3), 1.5], "b": (None, torch.ones(2, dtype=torch.bool))}
    left, right = map(bytearray, parts(wire.encode({"seq": 1}, tree)))
    for part in (left, right):
        at = data.draw(st.integers(0, len(part) - 1))
        part[at] = data.draw(st.integers(0, 255))
    survives(bytes(left), bytes(right))
