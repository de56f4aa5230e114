"""The comparator: what it must refuse and what it must let pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor

from exercises.spec import Tolerance
from graders.compare import compare, compare_attributes, same_answer
from graders.errors import ExerciseBroken
from graders.mismatch import Difference
from graders.sandbox.session import Opaque


@st.composite
def answers(draw: st.DrawFn) -> Tensor:
    """Normal numbers of any shape and scale, at least two of them."""
    shape = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    assume(math.prod(shape) >= 2)
    scale = 10.0 ** draw(st.integers(-12, 12))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    return torch.randn(shape, generator=generator, dtype=dtype) * scale


def difference(actual: Any, expected: Any, **kwargs: Any) -> Difference | None:
    mismatch = compare(actual, expected, **kwargs).mismatch
    return mismatch.difference if mismatch else None


@given(answers())
def test_the_answer_itself_matches(expected: Tensor) -> None:
    result = compare(expected.clone(), expected)
    assert result.matched
    assert result.compared == expected.numel()


@pytest.mark.parametrize(
    "spoil",
    [
        torch.zeros_like,
        lambda x: torch.full_like(x, x.mean().item()),
        lambda x: x.flatten().roll(1).reshape(x.shape),
        lambda x: x * 1.01,
        lambda x: x + x.abs().max() * 0.01,
        lambda x: -x,
        lambda x: x.bfloat16().to(x.dtype) * 1.005,  # rounding is below 0.004
    ],
    ids=["zeros", "mean", "shuffled", "scaled", "shifted", "negated", "imprecise"],
)
@given(expected=answers())
def test_a_spoiled_answer_does_not_match(
    expected: Tensor, spoil: Callable[[Tensor], Tensor]
) -> None:
    assert difference(spoil(expected), expected) is Difference.VALUES


@given(expected=answers(), noise_seed=st.integers(0, 2**32))
def test_rounding_noise_matches(expected: Tensor, noise_seed: int) -> None:
    generator = torch.Generator().manual_seed(noise_seed)
    noise = torch.randn(expected.shape, generator=generator, dtype=torch.float64)
    epsilon = 16 * torch.finfo(expected.dtype).eps
    noisy = (expected.double() * (1 + epsilon * noise)).to(expected.dtype)
    assert compare(noisy, expected).matched


@given(expected=answers(), position=st.integers(0, 10**6))
def test_one_wrong_element_is_found(expected: Tensor, position: int) -> None:
    actual = expected.clone().flatten()
    at = position % actual.numel()
    actual[at] += expected.abs().max() * 0.1
    mismatch = compare(actual.reshape(expected.shape), expected).mismatch
    assert mismatch and mismatch.worst
    assert mismatch.worst.mismatched == 1
    index = torch.unravel_index(torch.tensor(at), expected.shape)
    assert mismatch.worst.index == tuple(map(int, index))


@pytest.mark.parametrize(
    ("actual", "expected", "wanted"),
    [
        (None, torch.ones(2), Difference.TYPE),
        (Opaque("Mine"), torch.ones(2), Difference.TYPE),
        ([1.0, 1.0], torch.ones(2), Difference.TYPE),
        (1.0, torch.tensor(1.0), Difference.TYPE),
        (True, 1.0, Difference.TYPE),
        ((torch.ones(2),), (torch.ones(2), torch.ones(2)), Difference.COUNT),
        ((torch.ones(2),) * 3, (torch.ones(2),) * 2, Difference.COUNT),
        ([], [torch.ones(2)], Difference.COUNT),
        ({"a": 1.0}, {"b": 1.0}, Difference.KEYS),
        (torch.ones(1), torch.ones(2), Difference.SHAPE),
        (torch.ones(()), torch.ones(2), Difference.SHAPE),
        (torch.ones(0), torch.ones(2), Difference.SHAPE),
        (torch.ones(2, 1), torch.ones(1, 2), Difference.SHAPE),
        (torch.ones(2).double(), torch.ones(2), Difference.DTYPE),
        (torch.ones(2).long(), torch.ones(2), Difference.DTYPE),
        (torch.ones(2).half(), torch.ones(2), Difference.DTYPE),
        (3, 4, Difference.VALUES),
        ("a", "b", Difference.VALUES),
    ],
)
def test_attributes_are_told_before_values(
    actual: Any, expected: Any, wanted: Difference
) -> None:
    assert difference(actual, expected) is wanted


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("tensor", torch.ones(2)),
        ("list", [1.0]),
        ("dict", {"a": 1.0}),
        ("float", 1.0),
        ("int", 1.0),  # one of more than 64 bits
        ("NoneType", [None, 1.0]),
    ],
)
def test_a_foreign_class_named_like_what_is_expected_is_a_wrong_type(
    name: str, expected: Any
) -> None:
    assert difference(Opaque(name), expected) is Difference.TYPE


def test_a_tuple_may_come_as_a_list() -> None:
    assert compare([torch.ones(2)], (torch.ones(2),)).matched


def test_a_whole_number_will_do_for_a_python_float() -> None:
    assert compare(0, 0.0).matched


def test_the_first_part_of_a_dict_is_told_first() -> None:
    expected = {"output": torch.ones(2), "grads": {0: torch.ones(2)}}
    mismatch = compare({"output": torch.ones(3), "grads": {0: None}}, expected).mismatch
    assert mismatch
    assert mismatch.path == ("output",)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_never_matches_a_number(bad: float) -> None:
    actual = torch.tensor([1.0, bad])
    assert difference(actual, torch.ones(2)) is Difference.NOT_FINITE


def test_infinity_matches_in_place_and_sign() -> None:
    expected = torch.tensor([1.0, math.inf, -math.inf])
    assert compare(expected.clone(), expected).matched
    assert difference(-expected, expected) is Difference.NOT_FINITE
    assert difference(torch.ones(3), expected) is Difference.NOT_FINITE


@pytest.mark.parametrize("empty", [torch.ones(0), [], {}, [torch.ones(3, 0)]])
def test_an_empty_expected_answer_is_the_authors_fault(empty: Any) -> None:
    with pytest.raises(ExerciseBroken):
        compare(empty, empty)


def test_an_expected_nan_is_the_authors_fault() -> None:
    with pytest.raises(ExerciseBroken):
        compare(torch.ones(1), torch.tensor([math.nan]))


def test_expected_zeros_must_be_met_exactly_unless_a_scale_is_given() -> None:
    tiny = torch.full((3,), 1e-9)
    assert difference(tiny, torch.zeros(3)) is Difference.VALUES
    assert compare(tiny, torch.zeros(3), Tolerance(scale=1.0)).matched


def test_whole_numbers_are_compared_exactly() -> None:
    big = torch.tensor([2**60])
    assert difference(big + 1, big) is Difference.VALUES
    assert compare(big.clone(), big).matched


def test_a_wider_tolerance_lets_more_pass() -> None:
    expected = torch.tensor([1.0, 2.0])
    assert compare(expected * 1.001, expected, Tolerance(rel=1e-2)).matched


def test_attributes_alone_do_not_look_at_values() -> None:
    assert compare_attributes(torch.zeros(2), torch.ones(2)).matched


def test_two_wrong_answers_with_nan_in_the_same_place_are_alike() -> None:
    one = torch.tensor([math.nan, 2.0])
    assert same_answer(one, one.clone(), Tolerance())
    assert not same_answer(one, torch.tensor([0.0, 2.0]), Tolerance())
    assert not same_answer(one, torch.tensor([math.nan, 3.0]), Tolerance())
