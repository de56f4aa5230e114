"""The language of checks.py."""

from __future__ import annotations

import pytest
import torch

from exercises.authoring import (
    Case,
    build,
    by_chance,
    call,
    check,
    close,
    earlier,
    in_turn,
    independent,
    normal,
    probe,
    rule,
    strided,
)


def test_a_call_says_what_to_call_and_what_to_differentiate() -> None:
    case = call("f", 1, y=2, grad_of=(0,))
    assert case.inputs == {
        "call": "f",
        "args": [1],
        "kwargs": {"y": 2},
        "grad_of": [0],
    }


def test_a_built_object_is_called_in_its_mode() -> None:
    inputs = build("Net", 3, training=False)(7).inputs
    assert inputs["call"] == "Net"
    assert inputs["build"] == {"args": (3,), "kwargs": {}}
    assert (inputs["args"], inputs["training"]) == ([7], False)


def test_a_case_is_changed_by_copying() -> None:
    case = probe(x=1)
    wide = case.within(rel=0.1)
    assert (case.tolerance.rel, wide.tolerance.rel) == (None, 0.1)
    assert case.raises("ValueError").exceptions == ("ValueError",)


def test_only_what_is_seen_from_inside_is_traced() -> None:
    case = probe(x=1)
    assert not case.no_slower_than(2).is_traced
    assert case.largest_tensor(5).is_traced
    limited = case.calls("aten::mm", at_most=1).calls("aten::add", at_most=2)
    assert limited.is_traced
    assert [limit.at_most for limit in limited.call_limits] == [1, 2]


def test_seeding_depends_on_the_generator_alone() -> None:
    seeds = {
        call("f").seeded(torch.Generator().manual_seed(s)).inputs["seed"]
        for s in (1, 1, 2)
    }
    assert len(seeds) == 2


def test_a_mark_keeps_the_function() -> None:
    @check("values")
    def values(g: torch.Generator):
        yield call("f")

    assert values.check_name == "values"
    assert len(list(values(torch.Generator()))) == 1


def test_a_rule_tells_its_message_only_when_broken() -> None:
    positive = rule("мало", lambda value, inputs: value > inputs["least"])
    assert positive(2, {"least": 1}) is None
    assert positive(0, {"least": 1}) == "мало"


def test_strided_keeps_values_but_not_the_order_in_memory() -> None:
    x = torch.arange(6.0).reshape(2, 3)
    assert torch.equal(strided(x), x)
    assert not strided(x).is_contiguous()


def coins(*shape: int, p: float = 0.3) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(7)) < p


def test_chance_is_told_from_a_wrong_probability() -> None:
    assert by_chance(coins(100_000), 0.3)
    assert not by_chance(coins(100_000), 0.31)


def test_independent_coins_are_told_from_repeated_ones() -> None:
    assert independent(coins(300, 300), 0.3)
    assert not independent(coins(1, 300).expand(300, 300), 0.3)
    assert not independent(coins(300, 1).expand(300, 300), 0.3)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_closeness_is_relative_to_size(scale: float) -> None:
    x = normal(torch.Generator().manual_seed(1), 50) * scale
    assert close(x * (1 + 1e-6), x)
    assert not close(torch.zeros_like(x), x)


def test_a_state_to_load_may_be_differentiated_by() -> None:
    weights = {"w": torch.ones(2)}
    case = build("Net", 3, state=weights)(7, grad_of=("w",))
    assert (case.inputs["state"], case.inputs["grad_of"]) == (weights, ["w"])


def test_a_gradient_by_nothing_known_is_refused() -> None:
    with pytest.raises(ValueError, match="no such argument or parameter: {'v'}"):
        build("Net", state={"w": torch.ones(2)})(7, grad_of=("w", "v"))


def test_calls_in_turn_share_an_object_only_if_it_was_built_once() -> None:
    one, other = build("Net", 3, state={"w": torch.ones(2)}), build("Net", 3)
    calls = in_turn(one(1), call("f", 2), one(earlier(0, 1)), other(4)).inputs["calls"]
    assert [inputs.get("object") for inputs in calls] == [None, None, 0, None]
    assert calls[2]["build"] is calls[2]["state"] is None
    assert calls[2]["args"] == [{"earlier": [0, 1]}]


@pytest.mark.parametrize(
    "case",
    [
        call("f", torch.ones(1), grad_of=(0,)),
        call("f", 1).seeded(torch.Generator()),
        call("f", 1).within(rel=1.0),
        call("f", 1).not_aliasing(),
    ],
)
def test_a_demand_on_one_of_several_calls_is_refused(case: Case) -> None:
    with pytest.raises(ValueError, match="in_turn takes calls alone"):
        in_turn(call("f", 1), case)


def test_what_is_asked_about_memory_is_asked_of_the_probe() -> None:
    case = call("f", torch.ones(1)).leaves_inputs_alone().not_aliasing()
    assert (case.untouched, case.fresh) == (True, True)
    assert case.inputs["after"] is case.inputs["later"] is True


def test_an_answer_in_place_of_no_argument_is_refused() -> None:
    assert call("f", 1, out=2).in_place("out").written == "out"
    for argument in (1, "x"):
        with pytest.raises(ValueError, match="no such argument"):
            call("f", 1, out=2).in_place(argument)
    with pytest.raises(ValueError, match="no such argument"):
        in_turn(call("f", 1)).in_place(0)
