"""Straining tolerances: right answers, how near they come to being refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from exercises.spec import ROOT, Exercise, Tolerance, load_exercise, read_folder
from graders.stress import Strain, strain, sweep

SEEDS = [f"{n:032x}" for n in range(3)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "mlp_cross_entropy"
    shutil.copytree(ROOT / "mlp_cross_entropy", copy)
    return copy


def strained(exercise: Exercise) -> dict[str, Strain]:
    return sweep(exercise, SEEDS).strains


def edited(folder: Path, file: str, old: str, new: str) -> Exercise:
    path = folder / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    return read_folder(folder)


def test_every_check_has_a_worst_answer_far_from_refusal() -> None:
    exercise = load_exercise("mlp_cross_entropy")
    found = strained(exercise)
    assert list(found) == [check.name for check in exercise.checks]
    assert all(0 < worst.share < 0.1 and not worst.refusal for worst in found.values())


def test_the_same_seeds_make_the_same_strains() -> None:
    exercise = load_exercise("mlp_cross_entropy")
    assert strained(exercise) == strained(exercise)


def test_a_loss_that_cancels_is_found_out(folder: Path) -> None:
    """What once refused an honest float32 solution, one draw in thousands."""
    least, most = "logits[0].sort().values, 0", "logits[0] * 5, logits[0].argmax()"
    worst = strained(edited(folder, "checks.py", least, most))
    assert worst["values"].refusal or worst["values"].share > 1 / 3


def test_a_correct_solution_that_is_refused_is_named_with_what_was_said(
    folder: Path,
) -> None:
    file = "solutions/correct/pairwise.py"
    worst = strained(edited(folder, file, "/ len(losses)", "/ len(losses) * 1.001"))
    assert worst["values"].solver == file
    assert "ожидалось" in worst["values"].refusal


def test_a_correct_solution_that_raises_is_refused(folder: Path) -> None:
    file = "solutions/correct/pairwise.py"
    worst = strained(edited(folder, file, "losses = []", "losses = [][0]"))
    assert worst["values"].refusal == "IndexError: list index out of range"


def test_exact_answers_and_properties_use_no_allowance() -> None:
    found = strained(load_exercise("reg_dropout"))
    assert found["train"].share == 0
    assert not found["train"].refusal


@pytest.mark.parametrize(
    ("came", "wanted", "share"),
    [
        (1.0, 1.0, 0.0),
        (1.002, 1.0, 0.1),
        ([1.002, 3], [1.0, 3], 0.1),
        ({"a": 1.0, "b": [2.008]}, {"a": 1.0, "b": [2.0]}, 0.2),
        ("x", "x", 0.0),
        (float("inf"), float("inf"), 0.0),
    ],
)
def test_a_strain_is_the_largest_share_of_an_allowance(
    came: object, wanted: object, share: float
) -> None:
    assert strain(came, wanted, Tolerance(rel=0.01)) == pytest.approx(share)
