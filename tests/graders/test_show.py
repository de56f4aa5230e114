"""Public inputs as text that can be pasted into a notebook."""

from __future__ import annotations

from typing import Any

import torch

from exercises.authoring import build, call, earlier, in_turn, probe
from graders.show import shown_inputs

X = torch.tensor([1.0, 0.5])


class Net(torch.nn.Module):
    def __init__(self, size: int, bias: float = 0) -> None:
        super().__init__()
        self.w, self.bias = torch.nn.Parameter(torch.zeros(size)), bias

    def forward(self, x: torch.Tensor, start: float = 0) -> Any:
        return x * self.w, start + self.bias + float(x.sum())


def executed(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"torch": torch, "Net": Net, "f": lambda x, y: x + y}
    exec(f"answer = {text}" if text.startswith("f") else text, names)  # noqa: S102
    return names


def test_a_call_can_be_pasted() -> None:
    text = shown_inputs(call("f", X, y=torch.ones(2, dtype=torch.int64)).inputs)
    assert executed(text)["answer"].tolist() == [2, 1.5]


def test_whole_numbers_in_a_float_tensor_stay_floats() -> None:
    text = shown_inputs(call("f", torch.ones(2), 1e20).inputs)
    assert executed(text)["answer"].dtype == torch.float32


def test_calls_in_turn_build_load_and_carry() -> None:
    net = build("Net", 2, bias=1, training=False, state={"w": torch.tensor([2.0, 3])})
    text = shown_inputs(in_turn(net(X), net(X, start=earlier(0, 1))).inputs)
    answers = executed(text)["answers"]
    assert answers[0][0].tolist() == [2, 1.5]
    assert (answers[0][1], answers[1][1]) == (2.5, 5)
    assert executed(text)["layer0"].training is False


def test_what_is_differentiated_and_seeded_says_so() -> None:
    case = call("f", X, torch.ones(()), grad_of=(0,)).seeded(torch.Generator())
    text = shown_inputs({**case.inputs, "cotangents": [torch.ones(2)]})
    assert text.startswith("torch.manual_seed(")
    assert "    torch.tensor([1., 0.5]).requires_grad_(),\n" in text
    assert text.endswith("grad_outputs = [torch.tensor([1., 1.])]")


def test_odd_values_can_be_pasted_too() -> None:
    odd = torch.tensor([torch.inf, -torch.inf, torch.nan]), torch.ones(0, 2), (1,)
    text = shown_inputs(probe(odd=odd).inputs)
    shown = executed(text)["odd"]
    assert torch.equal(shown[0].nan_to_num(5), odd[0].nan_to_num(5))
    assert (shown[1].shape, shown[2]) == ((0, 2), (1,))


def test_an_own_probes_inputs_are_shown_by_name() -> None:
    case = probe(params=[X], lr=0.1).leaves_inputs_alone()
    assert shown_inputs(case.inputs) == "params = [torch.tensor([1., 0.5])]\nlr = 0.1"
