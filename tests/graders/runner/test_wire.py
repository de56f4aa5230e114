"""Trees of tensors as frames, and hostile bytes instead of them."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from typing import Any

import msgpack
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from graders.runner import wire
from graders.runner.tensors import DTYPES, TooLarge, WireError
from graders.runner.wire import Caps


def parts(frame: bytes) -> tuple[bytes, bytes]:
    structure, _ = wire.HEADER.unpack(frame[: wire.HEADER.size])
    rest = frame[wire.HEADER.size :]
    return rest[:structure], rest[structure:]


def sent(tree: Any, *, layout: bool = False, **caps: int) -> Any:
    frame = wire.encode({}, tree, layout=layout)
    _, got = wire.decode(
        *parts(frame), layout=layout, caps=Caps(**caps), opaque=lambda name: {name}
    )
    return got


def same(left: Any, right: Any) -> bool:
    """Equal, with NaN equal to itself and types compared exactly."""
    if type(left) is not type(right):
        return False
    if isinstance(left, torch.Tensor):
        alike = (left.dtype, left.shape) == (right.dtype, right.shape)
        return alike and torch.equal(left.nan_to_num(7), right.nan_to_num(7))
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right or (left != left and right != right)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=20)
    | st.complex_numbers()
)
trees = st.recursive(
    scalars,
    lambda node: (
        st.lists(node, max_size=4)
        | st.lists(node, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=5) | st.integers(0, 9), node, max_size=4)
    ),
    max_leaves=20,
)


@given(trees)
def test_a_tree_of_plain_values_comes_back_as_it_was(tree: Any) -> None:
    assert same(sent(tree), tree)


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0, 2), (2, 3, 5)])
@pytest.mark.parametrize(
    "dtype", [*DTYPES.values(), torch.complex64, torch.complex128], ids=str
)
def test_every_dtype_and_shape_comes_back(
    dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    tensor = torch.randn(shape).to(dtype)
    got = sent({"x": [tensor]})["x"][0]
    assert type(got) is torch.Tensor
    assert got.dtype == dtype
    assert torch.equal(got, tensor)
    assert got.is_contiguous()


def test_not_a_number_and_infinity_come_back() -> None:
    got = sent(torch.tensor([math.nan, math.inf, -math.inf, -0.0]))
    assert got[0].isnan()
    assert got[1:].tolist() == [math.inf, -math.inf, 0.0]
    assert got[3].signbit()


STRIDED = {
    "transposed": torch.arange(6.0).reshape(2, 3).t(),
    "sliced": torch.arange(20.0).reshape(4, 5)[1:, ::2],
    "expanded": torch.arange(3.0).expand(4, 3),
    "windows": torch.arange(6.0).unfold(0, 3, 1),
    "channels last": torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
    "complex": torch.randn(3, 4, dtype=torch.complex64).t(),
}


@pytest.mark.parametrize("tensor", STRIDED.values(), ids=STRIDED)
def test_an_input_keeps_its_strides(tensor: torch.Tensor) -> None:
    got = sent(tensor, layout=True)
    assert got.stride() == tensor.stride()
    assert torch.equal(got, tensor)
    assert got._base is None


def test_an_input_keeps_requires_grad() -> None:
    got = sent(torch.ones(2).requires_grad_(), layout=True)
    assert got.requires_grad
    assert got.is_leaf


def test_the_gaps_between_strides_do_not_show_their_neighbours() -> None:
    view = torch.full((4, 4), 7.0)[:, ::2]
    view.zero_()
    frame = wire.encode({}, view, layout=True)
    assert torch.tensor(7.0).numpy().tobytes() not in frame


def test_an_answer_has_no_strides_and_no_grad() -> None:
    got = sent(torch.ones(3, 2).t().requires_grad_() * 2)
    assert got.is_contiguous()
    assert not got.requires_grad


class Liar(torch.Tensor):
    """Equal to anything."""

    def __eq__(self, other: object) -> Any:
        return True

    __hash__ = None


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (torch.ones(2).as_subclass(Liar), f"{__name__}.Liar"),
        (object(), "object"),
        ({1, 2}, "set"),
        (b"bytes", "bytes"),
        (2**70, "int"),
        (range(3), "range"),
        (torch.ones(2).to_sparse(), "Tensor[torch.sparse_coo, torch.float32]"),
        (torch.ones(2, dtype=torch.float8_e5m2), "Tensor[torch.strided, torch.floa"),
        (torch.ones(2).numpy(), "numpy.ndarray"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_carried_arrives_as_its_name(value: Any, name: str) -> None:
    (got,) = sent(value)
    assert got.startswith(name)


def test_a_parameter_and_an_ordered_dict_are_plain_in_the_answer() -> None:
    got = sent(OrderedDict(w=torch.nn.Parameter(torch.ones(2))))
    assert type(got) is dict
    assert type(got["w"]) is torch.Tensor


def test_an_author_is_told_of_an_input_that_cannot_be_sent() -> None:
    with pytest.raises(WireError, match=r"numpy\.ndarray"):
        wire.encode({}, [torch.ones(2).numpy()], layout=True)


def test_two_outputs_in_one_memory_arrive_apart() -> None:
    tensor = torch.ones(3)
    left, right = sent([tensor, tensor])
    left.zero_()
    assert right.sum() == 3


def test_nesting_is_bounded_when_written() -> None:
    tree: list[Any] = []
    tree.append(tree)
    with pytest.raises(TooLarge):
        wire.encode({}, tree)


# --- hostile ------------------------------------------------------------------


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
