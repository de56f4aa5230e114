"""A public case's inputs as text that can be pasted and run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from exercises.authoring import build, call, probe
from graders.show import shown_inputs


def run(text: str, **names: Any) -> Any:
    """Execute the text as a student would, and give the names back."""
    space = {"torch": torch, **names}
    exec(text, space)  # noqa: S102  # our own words
    return SimpleNamespace(**space)


def test_a_call_can_be_pasted() -> None:
    seen: list[Any] = []
    x = torch.tensor([[1.0, 2.0]])
    ids = torch.tensor([3, 4])
    case = call("f", x, ids, (2,), reduce="sum", grad_of=(0,))
    run(
        shown_inputs(case.inputs), f=lambda *args, **kwargs: seen.append((args, kwargs))
    )
    ((args, kwargs),) = seen
    assert torch.equal(args[0], x)
    assert args[0].requires_grad
    assert args[1].dtype == torch.int64
    assert args[2] == (2,)
    assert kwargs == {"reduce": "sum"}


@pytest.mark.parametrize(
    "tensor",
    [
        torch.tensor([1.0, -2.0]),
        torch.tensor([float("inf"), float("-inf"), 0.5]),
        torch.tensor([True, False]),
        torch.tensor([1.5], dtype=torch.float64),
        torch.zeros(0, 3),
        torch.tensor(7),
    ],
)
def test_a_tensor_keeps_its_dtype_and_shape(tensor: torch.Tensor) -> None:
    pasted = run(shown_inputs(probe(x=tensor).inputs)).x
    assert pasted.dtype == tensor.dtype
    assert torch.equal(pasted, tensor)


def test_an_object_is_built_and_put_into_its_mode_first() -> None:
    made: list[Any] = []

    class Net:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            made.append((args, kwargs))

        def eval(self) -> None:
            made.append("eval")

        def __call__(self, x: Any) -> None:
            made.append(x)

    case = build("Net", 3, training=False, eps=0.5)(torch.tensor(1)).seeded(
        torch.Generator().manual_seed(1)
    )
    text = shown_inputs(case.inputs)
    run(text, Net=Net)
    assert made[:2] == [((3,), {"eps": 0.5}), "eval"]
    assert text.startswith("torch.manual_seed(")


def test_the_weights_of_a_gradient_are_shown() -> None:
    inputs = {**call("f", 1).inputs, "cotangents": [torch.tensor([0.5])]}
    assert shown_inputs(inputs).endswith("grad_outputs = [torch.tensor([0.5])]")


def test_a_large_tensor_is_shown_by_its_shape() -> None:
    text = shown_inputs(call("f", torch.zeros(20, 20)).inputs)
    assert "<тензор [20, 20], torch.float32>" in text
