"""Where the wrong elements are: ranges, the diagonal, the heat map."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from exercises.spec import Tolerance
from graders.compare import compare
from graders.survey import CELLS, HeatMap, Survey, survey

EXACT = Tolerance(rel=0.0)
TENTH = Tolerance(rel=0.1, scale=0.0)  # of ones: an allowance of 0.1


def surveyed(actual: Tensor, expected: Tensor, tolerance: Tolerance = TENTH) -> Survey:
    mismatch = compare(actual, expected, tolerance).mismatch
    assert mismatch and mismatch.worst
    return survey(actual, expected, tolerance, mismatch.worst.index)


def off_by(errors: Any, shape: tuple[int, ...] = ()) -> Survey:
    """Ones that are off by so much."""
    error = torch.as_tensor(errors, dtype=torch.float64)
    expected = torch.ones(shape or error.shape, dtype=torch.float64)
    return surveyed(expected + error, expected)


def mapped(seen: Survey) -> HeatMap:
    assert seen.heat_map
    return seen.heat_map


# --- figures


def test_the_largest_errors_may_be_of_different_elements() -> None:
    expected = torch.tensor([1.0, 100.0, 0.0, 1.0])
    seen = surveyed(expected + torch.tensor([0.5, 20.0, 3.0, 0.01]), expected)
    assert seen.largest_error == 20.0
    assert seen.largest_relative_error == 0.5


def test_errors_that_are_no_numbers_are_not_the_largest() -> None:
    assert off_by([math.nan, 0.5]).largest_error == 0.5
    assert off_by([math.nan, math.nan]).largest_error is None


# --- ranges and the diagonal


@pytest.mark.parametrize(
    ("errors", "ranges"),
    [
        ([[0, 0], [1, 1], [1, 0]], {0: [(1, 2)]}),
        ([[0, 1, 0], [0, 1, 0]], {1: [(1, 1)]}),
        ([[1, 1], [1, 1]], {}),
        ([[1, 0], [0, 0]], {}),  # one element: its index says it
        ([1, 0, 1, 0, 1, 0, 1, 0, 1, 0], {}),  # too many to be a pattern
        ([1, 0, 1, 0, 1, 0, 1, 0], {0: [(0, 0), (2, 2), (4, 4), (6, 6)]}),
    ],
)
def test_indices_that_all_errors_keep_to_are_told(
    errors: Any, ranges: dict[int, Any]
) -> None:
    assert off_by(errors).ranges == ranges


@pytest.mark.parametrize(
    ("errors", "side"),
    [
        (torch.ones(4, 4).triu(1), "above"),
        (torch.ones(4, 4).tril(-1), "below"),
        (torch.eye(4), "on"),
        (torch.ones(3, 5).triu(1), "above"),
        (torch.ones(2, 4, 4).triu(1), "above"),
        (torch.ones(4, 4).triu(), None),
        (torch.ones(4, 4), None),
        (torch.ones(2, 2).triu(1), None),  # one element may be there by chance
        (torch.tensor([1.0, 1, 0]), None),
    ],
)
def test_the_side_of_the_diagonal_is_told(errors: Tensor, side: str | None) -> None:
    assert off_by(errors).diagonal == side


def test_a_pattern_is_told_in_words() -> None:
    errors = torch.zeros(3, 4, 4)
    errors[1] = torch.ones(4, 4).triu(1)
    assert off_by(errors).told() == (
        "Ошибки есть только выше диагонали последних двух осей, при индексе 1 по оси 0."
    )
    assert off_by([0, 1, 1, 0, 1.0]).told() == (
        "Ошибки есть только при индексах 1–2 и\xa04 по оси 0."
    )
    assert off_by([1.0, 1.0]).told() == ""


# --- the heat map


def test_levels_are_steps_of_the_allowance() -> None:
    seen = mapped(off_by([[0.05, 0.2, 5.0], [50.0, 700.0, 0.0]]))
    assert seen.bounds == (10.0, 100.0, 1000.0)
    assert seen.levels == ("012", "340")
    assert (seen.axes, seen.index, seen.size) == ((0, 1), (None, None), (2, 3))
    assert seen.worst == (1, 1)


def test_large_errors_make_larger_steps() -> None:
    assert mapped(off_by([[1e7, 1e3], [0.5, 0]])).bounds == (100.0, 1e4, 1e6)


def test_what_is_no_number_has_a_level_of_its_own() -> None:
    assert mapped(off_by([[math.nan, 2], [math.inf, 0]])).levels == ("n2", "n0")


def test_whole_numbers_are_right_or_wrong() -> None:
    seen = mapped(
        surveyed(torch.tensor([[1, 5], [9, 4]]), torch.tensor([[1, 2], [3, 4]]), EXACT)
    )
    assert (seen.bounds, seen.levels) == ((), ("01", "10"))


def test_the_slice_with_the_worst_element_is_shown() -> None:
    errors = torch.zeros(2, 3, 4, 5)
    errors[1, 2, 3, 4], errors[0, 0, 0, 0] = 9.0, 1.0
    seen = mapped(off_by(errors))
    assert seen.index == (1, 2, None, None)
    assert seen.levels == ("00000",) * 3 + ("00002",)


def test_axes_of_one_element_are_passed_over() -> None:
    seen = mapped(off_by(torch.ones(1, 3, 1, 2, 1)))
    assert (seen.axes, seen.index) == ((1, 3), (0, None, 0, None, 0))


def test_a_vector_is_one_row() -> None:
    seen = mapped(off_by([0, 2.0, 0]))
    assert (seen.axes, seen.levels, seen.worst) == ((0,), ("020",), (0, 1))


def test_a_single_number_has_no_map() -> None:
    assert off_by(torch.ones(1, 1)).heat_map is None
    assert off_by(torch.tensor(1.0)).heat_map is None


def test_a_large_slice_is_shown_by_the_largest_error_of_each_cell() -> None:
    errors = torch.zeros(65, 100)
    errors[64, 99] = 7.0
    seen = mapped(off_by(errors))
    assert seen.cell == (3, 4)
    assert (len(seen.levels), len(seen.levels[0])) == (22, 25)
    assert seen.levels[-1] == "0" * 24 + "2"
    assert "".join(seen.levels[:-1]) == "0" * 21 * 25
    assert seen.worst == (21, 24)


def test_the_real_part_of_complex_numbers_is_not_all_that_counts() -> None:
    expected = torch.ones(3, dtype=torch.complex64)
    assert mapped(surveyed(expected + 2j, expected)).levels == ("222",)


@given(
    shape=st.lists(st.integers(1, 70), min_size=1, max_size=3).map(tuple),
    seed=st.integers(0, 2**32),
    share=st.floats(0.01, 1.0),
    strange=st.sampled_from([0.0, math.nan, math.inf, 1e30]),
)
def test_whatever_is_wrong_is_surveyed_in_little_room(
    shape: tuple[int, ...], seed: int, share: float, strange: float
) -> None:
    g = torch.Generator().manual_seed(seed)
    wrong = torch.rand(shape, generator=g) < share
    wrong.view(-1)[0] = True
    error = torch.where(wrong, 1 + strange, 0.0)
    seen = off_by(error)
    assert len(json.dumps(seen.facts())) < 3000
    if seen.heat_map:
        rows = seen.heat_map.levels
        assert len(rows) <= CELLS and len(rows[0]) <= CELLS
        row, column = seen.heat_map.worst
        assert rows[row][column] != "0"
