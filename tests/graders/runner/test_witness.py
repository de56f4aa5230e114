"""What a call did to memory comes back as bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from graders.runner.witness import witnessed

DTYPES = (
    torch.float64,
    torch.bfloat16,
    torch.int64,
    torch.uint8,
    torch.bool,
    torch.complex128,
)


def later(function: Callable[..., Any], *args: Any) -> tuple[Any, Any]:
    """The output as it was returned, and as it is once arguments are overwritten."""
    output = function(*args)
    before = output.clone()
    inputs = {"args": list(args), "kwargs": {}, "later": True}
    return before, witnessed(inputs, output)["later"]


def test_nothing_is_told_that_was_not_asked_for() -> None:
    x = torch.ones(2)
    assert witnessed({"args": [x], "kwargs": {}}, x) == {}
    assert x.tolist() == [1, 1]


def test_arguments_come_back_as_they_are_now() -> None:
    x = torch.ones(2)
    inputs = {"args": [x, (x, "a")], "kwargs": {"b": None}, "after": True}
    x += 1
    after = witnessed(inputs, None)["after"]
    assert after["args"][0].tolist() == after["args"][1][0].tolist() == [2, 2]
    assert after["kwargs"] == {"b": None}
    assert after["args"][0] is not x


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    "view",
    [
        lambda x: x,
        lambda x: x[1:],
        lambda x: x.T,
        lambda x: x.expand(2, *x.shape),
        lambda x: torch.from_numpy(x.numpy()) if x.dtype != torch.bfloat16 else x[0],
    ],
    ids=["itself", "slice", "transposed", "expanded", "numpy"],
)
def test_a_view_of_an_argument_changes_in_every_element(
    dtype: torch.dtype, view: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    before, after = later(view, torch.ones(3, 2).to(dtype))
    assert not (before == after).any()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_copy_of_an_argument_stays(dtype: torch.dtype) -> None:
    before, after = later(torch.clone, torch.ones(3, 2).to(dtype))
    assert torch.equal(before, after)


def test_arguments_that_share_memory_are_overwritten_once() -> None:
    x = torch.ones(4)
    before, after = later(lambda a, b: a, x, x[:2])
    assert not (before == after).any()


def test_overwriting_makes_no_tensor_larger_than_the_argument() -> None:
    from graders.runner.trace import Recorder

    x = torch.ones(5, 7)
    with Recorder() as recorder:
        later(torch.clone, x)
    assert recorder.notes.largest == x.numel()
