"""Every exercise is sound, in the real sandbox; and unsound ones are found out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from exercises.spec import ROOT, Exercise, all_exercises, read_folder
from graders import elements, soundness
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Sandbox
from graders.soundness import check_exercise

CHECKS_LINES = 120


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    sandbox = open_sandbox("bwrap:")
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.slug)
def test_the_exercise_is_sound(exercise: Exercise, sandbox: Sandbox) -> None:
    assert check_exercise(exercise, sandbox).problems == ()


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda e: e.slug)
def test_checks_are_short(exercise: Exercise) -> None:
    lines = (exercise.folder / "checks.py").read_text().splitlines()
    assert len(lines) <= CHECKS_LINES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "tr_attention"
    shutil.copytree(ROOT / "tr_attention", copy)
    return copy


@pytest.fixture(autouse=True)
def _once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unsound shows at the first try."""
    if "folder" in request.fixturenames:
        monkeypatch.setattr(soundness, "ROUNDS", 1)


def problems(folder: Path, sandbox: Sandbox) -> str:
    return "\n".join(check_exercise(read_folder(folder), sandbox).problems)


def test_a_wrong_reference_and_mistakes_that_are_alike_are_found_out(
    folder: Path, sandbox: Sandbox
) -> None:
    wrong = folder / "solutions" / "wrong"
    shutil.copy(wrong / "no_scale.py", folder / "reference.py")
    shutil.copy(wrong / "strict_causal.py", wrong / "causal_corner.py")
    found = problems(folder, sandbox)
    assert "solutions/correct/row_by_row.py: is wrong_answer" in found
    assert "solutions/wrong/no_scale.py: is accepted" in found
    assert "solutions/wrong/causal_corner.py: is recognised as nothing" in found


def test_a_tolerance_that_lets_anything_pass_is_found_out(
    folder: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(elements.RELATIVE, torch.float32, 9.0)
    assert "an impostor that returns zeros: scores" in problems(folder, sandbox)


def test_a_check_that_is_not_written_is_found_out(
    folder: Path, sandbox: Sandbox
) -> None:
    checks = folder / "checks.py"
    checks.write_text(checks.read_text().replace('@check("mask")', ""))
    assert "disagree about checks: mask" in problems(folder, sandbox)


def test_other_docstrings_in_the_starter_are_found_out(
    folder: Path, sandbox: Sandbox
) -> None:
    starter = folder / "starter.py"
    starter.write_text(starter.read_text().replace("закрыть будущее", "закрыть всё"))
    assert "docstrings" in problems(folder, sandbox)
