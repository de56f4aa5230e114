"""The generic probe: the same call for a submission and for the reference."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch

from graders.runner import probe


def run(function: Any, **inputs: Any) -> Any:
    return probe.run(SimpleNamespace(f=function), {"call": "f", **inputs})


def test_it_calls_by_name_with_positions_and_keywords() -> None:
    got = run(lambda a, *, b: a - b, args=[5], kwargs={"b": 3})
    assert got == {"output": 2, "grads": {}}


def test_gradients_are_weighted_by_the_cotangents() -> None:
    got = run(
        lambda x, w: x * w,
        args=[torch.tensor([1.0, 2.0])],
        kwargs={"w": torch.tensor([3.0, 4.0])},
        grad_of=[0, "w"],
        cotangents=[torch.tensor([10.0, 100.0])],
    )
    assert got["grads"][0].tolist() == [30.0, 400.0]
    assert got["grads"]["w"].tolist() == [10.0, 200.0]
    assert not got["output"].requires_grad


def test_several_outputs_take_their_cotangents_in_order() -> None:
    got = run(
        lambda x: (x, {"twice": 2 * x}, 5),
        args=[torch.ones(1)],
        grad_of=[0],
        cotangents=[torch.tensor([1.0]), torch.tensor([10.0])],
    )
    assert got["grads"][0].item() == 21


def test_an_input_that_does_not_matter_has_no_gradient() -> None:
    ones = torch.ones(2)
    got = run(
        lambda x, y: x * 1,
        args=[ones, ones.clone()],
        grad_of=[0, 1],
        cotangents=[ones],
    )
    assert got["grads"][0].tolist() == [1, 1]
    assert got["grads"][1] is None


def test_a_detached_or_misshapen_output_has_no_gradients() -> None:
    for function in (torch.Tensor.detach, torch.sum, lambda x: None, lambda x: "no"):
        got = run(
            function, args=[torch.ones(2)], grad_of=[0], cotangents=[torch.ones(2)]
        )
        assert got["grads"] == {0: None}


def test_a_lower_precision_answer_still_gives_gradients() -> None:
    got = run(
        lambda x: x.half() * 2,
        args=[torch.ones(2)],
        grad_of=[0],
        cotangents=[torch.ones(2)],
    )
    assert got["grads"][0].tolist() == [2, 2]


def test_an_integer_answer_takes_no_cotangent() -> None:
    got = run(
        lambda x: (x.argmax(), x * 3),
        args=[torch.ones(2)],
        grad_of=[0],
        cotangents=[torch.ones(2)],
    )
    assert got["grads"][0].tolist() == [3, 3]
