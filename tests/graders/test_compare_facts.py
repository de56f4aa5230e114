"""What the comparator says of a difference, to the letter, and its corner cases.

Together with test_compare.py it leaves no mutant of compare.py alive (.ci/mutate).
"""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from exercises.spec import Tolerance
from graders.compare import Comparison, compare, compare_attributes, same_answer
from graders.errors import ExerciseBroken
from graders.mismatch import Difference, Mismatch, Worst
from graders.sandbox.session import Opaque

PLAIN = Tolerance()


def told(actual: Any, expected: Any, tolerance: Tolerance | None = None) -> Mismatch:
    mismatch = compare(actual, expected, tolerance).mismatch
    assert mismatch
    return mismatch


@pytest.mark.parametrize(
    ("actual", "expected", "mismatch"),
    [
        (
            [Opaque("Mine")],
            [torch.ones(2)],
            Mismatch(Difference.TYPE, (0,), "tensor", "Mine"),
        ),
        (None, [1.0], Mismatch(Difference.TYPE, (), "list", "NoneType")),
        ([[1]], [[1, 2]], Mismatch(Difference.COUNT, (0,), 2, 1)),
        (
            [{"b": 1, "a": 2}],
            [{"a": 1, "c": 2}],
            Mismatch(Difference.KEYS, (0,), ["a", "c"], ["a", "b"]),
        ),
        (
            {"a": [torch.ones(3)]},
            {"a": [torch.ones(2, 1)]},
            Mismatch(Difference.SHAPE, ("a", 0), (2, 1), (3,)),
        ),
        (
            [torch.ones(2).double()],
            [torch.ones(2)],
            Mismatch(Difference.DTYPE, (0,), "float32", "float64"),
        ),
        ([[3]], [[4]], Mismatch(Difference.VALUES, (0, 0), 4, 3)),
        (
            [{"a": {"b": 1}}],
            [{"a": {"b": 2}}],
            Mismatch(Difference.VALUES, (0, "a", "b"), 2, 1),
        ),
        ({"a": 1.0}, {"b": 1.0}, Mismatch(Difference.KEYS, (), ["b"], ["a"])),
        (
            [{"a": [None]}],
            [{"a": [1.0]}],
            Mismatch(Difference.TYPE, (0, "a", 0), "float", "NoneType"),
        ),
    ],
)
def test_a_difference_says_what_where_and_what_was_wanted(
    actual: Any, expected: Any, mismatch: Mismatch
) -> None:
    assert told(actual, expected) == mismatch


def test_the_worst_element_is_told_with_all_its_figures() -> None:
    expected = {"a": [torch.tensor([[2.0, 4.0], [8.0, 0.0]], dtype=torch.float64)]}
    actual = {"a": [torch.tensor([[2.0, 5.0], [8.0, 0.5]], dtype=torch.float64)]}
    mismatch = told(actual, expected, Tolerance(rel=0.125, scale=0.0))
    worst = Worst((0, 1), 5.0, 4.0, 1.0, 0.25, 0.5, mismatched=2, compared=4)
    # Beyond their allowance both are by a half: the first of equals is told.
    assert mismatch == Mismatch(Difference.VALUES, ("a", 0), None, None, worst)


def test_the_worst_is_furthest_beyond_its_allowance_not_furthest_off() -> None:
    expected = torch.tensor([100.0, 1.0], dtype=torch.float64)
    off = torch.tensor([12.0, 5.0], dtype=torch.float64)
    mismatch = told(expected + off, expected, Tolerance(rel=0.1, scale=0.0))
    assert mismatch.worst
    assert mismatch.worst.index == (1,)


def test_an_error_relative_to_zero_is_infinite() -> None:
    worst = told(torch.tensor([1.0, 0.5]), torch.tensor([1.0, 0.0])).worst
    assert worst
    assert worst.relative_error == math.inf


def test_what_is_not_finite_is_told_with_its_place() -> None:
    mismatch = told([torch.tensor([1.0, -math.inf])], [torch.tensor([1.0, math.inf])])
    worst = Worst((1,), -math.inf, math.inf, math.inf, math.nan, 0.0, 1, 2)
    assert repr(mismatch) == repr(
        Mismatch(Difference.NOT_FINITE, (0,), None, None, worst)
    )


def test_an_error_may_be_just_as_large_as_is_allowed() -> None:
    expected = torch.tensor([2.0], dtype=torch.float64)
    just = Tolerance(rel=0.5, scale=0.0)
    assert compare(expected + 1, expected, just).matched
    assert not compare(expected + 1 + 1e-12, expected, just).matched


def test_beside_an_infinity_numbers_have_their_usual_allowance() -> None:
    expected = torch.tensor([1.0, math.inf])
    assert compare(torch.tensor([1.00015, math.inf]), expected).matched
    assert not compare(torch.tensor([1.00025, math.inf]), expected).matched


def test_nothing_but_infinities_is_compared_too() -> None:
    expected = torch.full((2,), -math.inf)
    assert compare(expected.clone(), expected).matched


def test_an_empty_part_beside_a_full_one_is_no_obstacle() -> None:
    expected = [torch.ones(0), torch.ones(2)]
    assert compare([torch.ones(0), torch.ones(2)], expected) == Comparison(2)


def test_numbers_outside_tensors_are_held_to_double_precision() -> None:
    assert told(0.1 + 1e-6, 0.1).difference is Difference.VALUES
    assert compare(0.1 + 1e-12, 0.1).matched


def test_both_parts_of_a_complex_number_count() -> None:
    expected = torch.tensor([1 + 1j, 2 - 1j])
    assert compare(expected.clone(), expected).matched
    mismatch = told(torch.tensor([1 + 1j, 2 + 1j]), expected)
    assert mismatch.difference is Difference.VALUES
    assert mismatch.worst
    assert mismatch.worst.index == (1,)


def test_whole_numbers_of_tensors_are_told_as_numbers() -> None:
    worst = told(torch.tensor([7]), torch.tensor([4])).worst
    assert repr(worst) == repr(Worst((0,), 7.0, 4.0, 3.0, 0.75, 0.0, 1, 1))


@pytest.mark.parametrize("same", [3, "a", True, [1, 2.0], [{"a": 1}, "b"]])
def test_what_is_no_tensor_matches_itself(same: Any) -> None:
    assert compare(same, same).matched


def test_every_number_and_text_is_counted_as_one() -> None:
    expected = [1, 2.0, "a", torch.ones(2, 2)]
    assert compare(expected, expected) == Comparison(7)
    assert compare([1, 2.5, "a", torch.ones(2, 2)], expected).compared == 7


@pytest.mark.parametrize(("one", "other"), [(1.0, 2.0), ({"a": 1}, {"a": 2})])
def test_looking_at_attributes_compares_no_element(one: Any, other: Any) -> None:
    assert compare_attributes(one, other) == Comparison(0)


def test_an_author_is_told_what_cannot_be_compared() -> None:
    with pytest.raises(ExerciseBroken, match="^the expected answer is empty: nothing "):
        compare([], [])
    with pytest.raises(ExerciseBroken, match="^the expected answer has NaN, which "):
        compare(math.nan, math.nan)


ALIKE = [
    (torch.zeros(2), torch.zeros(2)),
    ([{"a": 1.0}, "b"], [{"a": 1.0}, "b"]),
    ([math.nan, 3], [math.nan, 3]),
    (1, 1.0),
]
UNLIKE = [
    (torch.zeros(2), torch.zeros(1)),
    (torch.zeros(2), torch.zeros(2).double()),
    (torch.zeros(2), [0.0, 0.0]),
    ([1.0], [1.0, 1.0]),
    ([{"a": 1.0}, "b"], [{"a": 1.0}, "c"]),
    ([{"a": {"b": 1.0}}], [{"a": {"b": 2.0}}]),
    ([math.nan, 3], [math.nan, 4]),
    (1, math.nan),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_two_answers_are_wrong_alike(one: Any, other: Any) -> None:
    assert same_answer(one, other, PLAIN)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_two_answers_are_not_wrong_alike(one: Any, other: Any) -> None:
    assert not same_answer(one, other, PLAIN)


def test_what_is_nan_in_both_says_nothing_of_the_scale_of_the_rest() -> None:
    one = torch.tensor([math.nan, 1e-3])
    assert not same_answer(one, one * 1.0002, PLAIN)


def test_a_part_of_the_answer_that_needs_a_gradient_is_compared_as_it_is() -> None:
    wanted = torch.ones(2)
    came: Tensor = torch.ones(2, requires_grad=True)
    assert compare(came, wanted).matched
