from __future__ import annotations

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from quizsite.bench.marking import HEAVY, HOPELESS
from quizsite.bench.rows import Row, spread, to_json, to_table
from quizsite.lib.formulas.reading import read_formula

SLOW = Row("submit → report", 90.0, "ms", at_most=80.0, baseline=40.0)
QUICK = Row("sustained", 31.5, "1/s", at_least=30.0)


def test_the_table_shows_what_was_measured_and_what_is_wanted() -> None:
    _, slow, quick = to_table([SLOW, QUICK]).splitlines()
    assert slow.split()[-6:] == ["90.00", "ms", "40.0", "≤", "80", "MISSED"]
    assert quick.split()[-4:] == ["31.50", "1/s", "≥", "30"]


def test_json_has_the_same_figures() -> None:
    slow, quick = json.loads(to_json([SLOW, QUICK]))
    assert (slow["value"], slow["baseline"], slow["ok"]) == (90.0, 40.0, False)
    assert (quick["at_least"], quick["ok"]) == (30.0, True)


def test_a_spread_is_judged_by_its_median() -> None:
    median, worst = spread("page", [10.0, 20.0, 900.0], at_most=60.0)
    assert (median.value, median.ok) == (20.0, True)
    assert (worst.value, worst.at_most) == (900.0, None)


@pytest.mark.parametrize("formula", [*HEAVY.values(), HOPELESS])
def test_the_slow_formulas_are_within_the_language(formula: str) -> None:
    assert read_formula(formula, ["x", "y"])


@pytest.mark.parametrize("times", [0, -1, 1000])
def test_the_load_is_bounded(times: int) -> None:
    with pytest.raises(CommandError, match="--times"):
        call_command("bench_grading", times=times)
