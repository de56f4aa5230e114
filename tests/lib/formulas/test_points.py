from __future__ import annotations

from fractions import Fraction

import pytest

from quizsite.lib.formulas.points import Agreement, Sampled, compare
from quizsite.lib.formulas.precise import as_fraction
from quizsite.lib.typed import read_typed

NAMES = ["t", "n"]
POINTS = [{"t": Fraction(k, 17), "n": Fraction(k)} for k in range(1, 17)]


def sampled(text: str, points=POINTS) -> Sampled:
    return Sampled(read_typed(text, names=NAMES).expression, points)


def agreement(one: str, other: str, points=POINTS) -> Agreement:
    return compare(sampled(one, points), sampled(other, points))[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ln(t/(1-t))", "-ln(1/t - 1)"),
        ("tanh(t)", "2*sigmoid(2t) - 1"),
        ("sin(t)^2 + cos(t)^2", "1"),
        ("n(n+1)/2", "(n^2 + n)/2"),
        ("factorial(n)", "factorial(n + 1)/(n + 1)"),
        ("(n+1)//2", "ceil(n/2)"),
        ("sqrt(t^2)", "t"),
    ],
)
def test_formulas_that_are_equal_agree(one, other):
    assert agreement(one, other) is Agreement.EQUAL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ln(t)", "log2(t)"),
        ("n//2", "n/2"),
        ("t + 1e-9", "t"),
        ("max(t; 0,1)", "t"),  # differs at one point alone
        ("0", "1e-60"),
        ("ln(-t)", "t"),
    ],
)
def test_formulas_that_differ_somewhere_differ(one, other):
    assert agreement(one, other) is Agreement.DIFFERENT


def test_the_witness_is_the_first_point_where_they_differ():
    _, witness = compare(sampled("max(n; 3)"), sampled("n"))
    assert witness is not None and witness.given is not None
    assert witness.point["n"] == 1
    assert (as_fraction(witness.given), as_fraction(witness.wanted)) == (3, 1)


def test_an_answer_without_a_value_is_a_witness_too():
    _, witness = compare(sampled("sqrt(t - 2)"), sampled("t"))
    assert witness is not None and witness.given is None


@pytest.mark.parametrize(
    "noisy",
    [
        "t + 1e18 - 1e18",
        "t + exp(60) - exp(60)*2 + exp(60)",
        "(t + 1e9)^2 - 1e18 - 2e9t",
    ],
)
def test_the_noise_of_large_numbers_is_no_difference(noisy):
    wanted = "t^2" if "^2" in noisy else "t"
    assert agreement(noisy, wanted) is Agreement.EQUAL


def test_noise_alone_proves_nothing():
    # Zero to any number of digits, but only noise is left of it here.
    nothing = "(exp(2000)*3 - exp(2000) - exp(2000)*2)*sin(t)"
    assert agreement(f"t + {nothing}", "t") is not Agreement.DIFFERENT


def test_a_difference_too_small_to_show_is_left_open():
    assert agreement("t + 1e-30", "t") is Agreement.UNSURE


def test_a_hole_at_one_point_is_passed_over():
    assert agreement("(n^2 - 9)/(n - 3)", "n + 3") is Agreement.EQUAL


def test_too_few_common_points_leave_it_open():
    few = POINTS[:12]
    assert agreement("(n^2 - 9)/(n - 3)", "n + 3", few) is Agreement.UNSURE


def test_what_is_too_large_to_compute_is_left_open():
    assert agreement("exp(exp(9 + t)) - exp(exp(9 + t)) + t", "t") is Agreement.UNSURE


def test_without_symbols_one_point_is_all_there_is():
    assert agreement("ln(4)", "2ln(2)", [{}]) is Agreement.EQUAL
    assert agreement("ln(4)", "1,386", [{}]) is Agreement.DIFFERENT


def test_a_value_is_computed_once(monkeypatch):
    calls = []
    from quizsite.lib.formulas import points

    real = points.evaluate
    monkeypatch.setattr(
        points, "evaluate", lambda *args: calls.append(args) or real(*args)
    )
    key = sampled("ln(t)")
    for text in ("t", "n", "t*n"):
        compare(sampled(text), key)
    of_key = [one for one in calls if one[0] is key.expression]
    assert len(of_key) == 2  # at the first point, with 50 and 130 digits
