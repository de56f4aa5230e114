from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from quizsite.lib.management.commands import bench_grading as bench

ROWS = [bench.row("submit → report, dropout", [40.0, 50.0, 90.0], allowed=250.0)]


def test_the_table_shows_the_median_and_its_ratio_to_what_is_allowed() -> None:
    line = bench.to_table(ROWS).splitlines()[1]
    assert line.split()[-5:] == ["40.0", "50.0", "90.0", "250", "0.20"]


def test_json_has_the_same_figures() -> None:
    (row,) = json.loads(bench.to_json(ROWS))
    assert (row["median"], row["ratio"]) == (50.0, 0.2)


@pytest.mark.parametrize("times", [0, -1, 1000])
def test_the_load_is_bounded(times: int) -> None:
    with pytest.raises(CommandError, match="--times"):
        call_command("bench_grading", times=times)
