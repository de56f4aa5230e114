"""Trees of tensors as frames."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

import pytest
import torch
from hypothesis import given
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
