"""The three stages, and that each is asked only when the one before cannot tell."""

from __future__ import annotations

from fractions import Fraction

import pytest

from quizsite.lib.formulas import equality
from quizsite.lib.formulas.equality import Formula, compared
from quizsite.lib.formulas.points import Agreement
from quizsite.lib.typed import read_typed

POINTS = [{"x": Fraction(k, 7), "y": Fraction(k + 1, 3)} for k in range(1, 17)]
FACTS = {"x": {"real": True, "positive": True}, "y": {"real": True, "positive": True}}


def formula(text: str) -> Formula:
    return Formula(read_typed(text, names=["x", "y"]).expression, POINTS, FACTS)


@pytest.fixture
def asked(monkeypatch):
    """What SymPy is asked, and what it shall say."""
    said: dict[str, bool | None] = {"answer": None}
    questions: list[object] = []

    def prove(*question: object) -> bool | None:
        questions.append(question)
        return said["answer"]

    monkeypatch.setattr(equality, "proven_equal", prove)
    return said, questions


def test_the_same_structure_needs_no_points(asked, monkeypatch):
    monkeypatch.setattr(equality, "compare", None)
    assert compared(formula("x + y"), formula("y + x")).equal
    assert asked[1] == []


@pytest.mark.parametrize(
    ("given", "equal"), [("(x + y)(x - y)", True), ("x^2 + y^2", False)]
)
def test_points_decide_nearly_everything(asked, given, equal):
    comparison = compared(formula(given), formula("x^2 - y^2"))
    assert comparison.equal == equal
    assert (comparison.witness is None) == equal
    assert asked[1] == []


@pytest.mark.parametrize(
    ("answer", "agreement"),
    [
        (True, Agreement.EQUAL),
        (False, Agreement.DIFFERENT),
        (None, Agreement.UNSURE),
    ],
)
def test_what_points_leave_open_is_asked_of_sympy(asked, answer, agreement):
    asked[0]["answer"] = answer
    comparison = compared(formula("x + 1e-30"), formula("x"))
    assert comparison.agreement is agreement
    assert comparison.undecided == (answer is None)
    assert len(asked[1]) == 1
