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


class Scaled(torch.nn.Module):
    """A parameter, and a buffer that counts the calls."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(size))
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x: torch.Tensor, start: Any = 0.0) -> tuple[Any, Any]:
        self.calls += 1
        return x * self.w, start + x.sum()


def scaled(state: dict[str, torch.Tensor], **inputs: Any) -> Any:
    built = {"args": [2], "kwargs": {}}
    call = {"call": "f", "build": built, "state": state, "kwargs": {}, **inputs}
    return probe.run(SimpleNamespace(f=Scaled), call)


STATE = {"w": torch.tensor([3.0, 4.0]), "calls": torch.tensor(5.0)}


def test_a_state_is_loaded_and_shown_as_the_call_left_it() -> None:
    got = scaled(STATE, args=[torch.ones(2)])
    assert list(got) == ["state", "output", "grads"]
    assert got["output"][0].tolist() == [3, 4]
    assert (got["state"]["w"].tolist(), got["state"]["calls"].item()) == ([3, 4], 6)


def test_a_module_works_in_the_dtype_of_its_state() -> None:
    state = {name: value.double() for name, value in STATE.items()}
    got = scaled(state, args=[torch.ones(2).double()])
    assert got["output"][0].dtype == got["state"]["w"].dtype == torch.float64


def test_gradients_by_parameters_are_had_by_name() -> None:
    got = scaled(
        STATE,
        args=[torch.tensor([1.0, 2.0])],
        grad_of=[0, "w", "calls"],
        cotangents=[torch.tensor([10.0, 100.0]), torch.tensor(0.0)],
    )
    assert got["grads"][0].tolist() == [30, 400]
    assert got["grads"]["w"].tolist() == [10, 200]
    assert got["grads"]["calls"] is None  # a buffer


def test_a_module_made_otherwise_is_shown_and_not_called() -> None:
    for state in ({"w": STATE["w"]}, {**STATE, "w": torch.ones(3)}):
        got = scaled(state, args=[torch.ones(2)])
        assert (got["output"], got["grads"]) == (None, {})
        assert got["state"]["w"].tolist() == [0, 0]


def test_what_is_no_module_has_no_state() -> None:
    call = {"call": "f", "build": {"args": [], "kwargs": {}}, "state": STATE}
    assert probe.run(SimpleNamespace(f=dict), call)["state"] is None


def in_turn(*calls: dict[str, Any], **inputs: Any) -> Any:
    common = {"call": "f", "kwargs": {}}
    return probe.run(
        SimpleNamespace(f=Scaled, g=lambda x: x.add_(1)),
        {"calls": [{**common, **call} for call in calls], **inputs},
    )


BUILT = {"build": {"args": [2], "kwargs": {}}, "state": STATE}
AGAIN = {"build": None, "state": None, "object": 0}


def test_calls_in_turn_go_to_one_object_and_may_use_earlier_outputs() -> None:
    x = torch.ones(2)
    again = {**AGAIN, "args": [x, {"earlier": [0, 1]}]}
    first, second = in_turn({**BUILT, "args": [x]}, again)["answers"]
    assert (first["output"][1].item(), second["output"][1].item()) == (2, 4)
    assert (first["state"]["calls"].item(), second["state"]["calls"].item()) == (6, 7)


def test_an_earlier_output_may_stand_inside_an_argument() -> None:
    add = {"call": "g", "args": [torch.zeros(1)]}
    call = {"call": "f", "args": [([{"earlier": [0]}], 1)]}
    solution = SimpleNamespace(f=lambda pair: pair[0][0] + pair[1], g=lambda x: x + 1)
    calls = [{"kwargs": {}, **one} for one in (add, call)]
    assert probe.run(solution, {"calls": calls})["answers"][1]["output"].item() == 2


def test_an_answer_is_told_as_it_was_given() -> None:
    add = {"call": "g", "args": [torch.zeros(1)]}
    again = {"call": "g", "args": [{"earlier": [0]}]}
    first, second = in_turn(add, again)["answers"]
    assert (first["output"].item(), second["output"].item()) == (1, 2)


def test_what_an_earlier_answer_lacks_leaves_no_answer() -> None:
    add = {"call": "g", "args": [torch.zeros(())]}
    answers = in_turn(add, {"call": "g", "args": [{"earlier": [0, 1]}]})["answers"]
    assert answers[1] is None
