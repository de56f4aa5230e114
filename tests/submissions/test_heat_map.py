"""A report's heat map as what is drawn and what is read out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quizsite.submissions.heat_map import WIDEST, Picture, picture


def drawn(levels: list[str], **more: Any) -> Picture:
    heat_map = {
        "index": [None, None],
        "axes": [0, 1],
        "size": [len(levels), len(levels[0])],
        "cell": [1, 1],
        "bounds": [10.0, 100.0, 1000.0],
        "levels": levels,
        "worst": [0, 0],
    }
    return picture(heat_map | more)


def test_cells_of_a_level_are_one_path() -> None:
    seen = drawn(["0110", "2011"])
    paths = {level.name: level.path for level in seen.levels}
    assert paths["level-1"] == "M1 0h2v1h-2zM2 1h2v1h-2z"
    assert paths["level-2"] == "M0 1h1v1h-1z"
    assert list(paths) == ["level-0", "level-1", "level-2"]


def test_only_levels_that_are_there_are_in_the_legend() -> None:
    labels = [level.label for level in drawn(["04n"]).levels]
    assert labels == ["в допуске", "больше 1\xa0000 допусков", "NaN или ∞"]


def test_an_answer_that_must_be_exact_is_right_or_wrong() -> None:
    labels = [level.label for level in drawn(["01"], bounds=[]).levels]
    assert labels == ["в допуске", "не совпадает"]


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 32), (32, 32), (32, 1)])
def test_any_map_fits_on_a_telephone(rows: int, columns: int) -> None:
    seen = drawn(["0" * columns] * rows)
    assert 4 <= seen.width <= WIDEST
    assert 4 <= seen.height <= WIDEST


def test_words_say_where_and_how_much() -> None:
    seen = drawn(["0000", "0110", "0110", "2001", "1002"])
    lines = [(line.rows, line.columns, line.label) for line in seen.lines]
    assert lines == [
        ("1–2", "1–2", "до 10 допусков"),
        ("3–4", "0, 3", "до 100 допусков"),
    ]


def test_words_name_elements_not_cells() -> None:
    seen = drawn(["00", "01"], cell=[3, 4], size=[5, 7])
    assert [(line.rows, line.columns) for line in seen.lines] == [("3–4", "4–6")]


def test_a_slice_says_which() -> None:
    assert drawn(["1"], index=[2, None, 0, None]).place == "[2, :, 0, :]"
    assert drawn(["1"], index=[2, None]).is_slice
    assert not drawn(["1"]).is_slice


def test_the_grid_parts_the_cells() -> None:
    assert drawn(["00", "00"]).grid == "M1 0v2M0 1h2"


def test_a_map_of_many_cells_is_small_on_the_page() -> None:
    seen = drawn([("01" * 16), ("10" * 16)] * 16)
    size = sum(len(level.path) for level in seen.levels) + len(seen.grid)
    assert size < 20_000
    assert re.fullmatch(r"[Mhvz0-9 -]*", seen.levels[1].path)
