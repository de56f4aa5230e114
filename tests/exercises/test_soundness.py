"""Every exercise is sound, in the real sandbox; and unsound ones are found out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from exercises.spec import ROOT, Exercise, all_exercises, read_folder
from graders import elements, soundness
from graders.report import Report
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Sandbox
from graders.soundness import Examiner, check_exercise
from graders.verdicts import Verdict

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


def test_a_tolerance_that_right_answers_come_near_to_is_found_out(
    folder: Path, sandbox: Sandbox
) -> None:
    checks = folder / "checks.py"
    checks.write_text(
        checks.read_text().replace("within(rel=1e-2)", "within(rel=1e-5)")
    )
    assert "large_scores: a right answer" in problems(folder, sandbox)


class Grader:
    """Stands in for ``grade``: gives these verdicts in turn, and keeps the seeds."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.verdicts, self.seeds = list(verdicts), []

    def __call__(
        self, source: str, exercise: Exercise, *_: object, seed: str
    ) -> Report:
        self.seeds.append(seed)
        verdict = self.verdicts.pop(0) if self.verdicts else Verdict.ACCEPTED
        return Report(exercise.slug, verdict, 0.0, (), seed, "")


def good_solutions(
    folder: Path,
    grader: Grader,
    monkeypatch: pytest.MonkeyPatch,
    seed: str | None = None,
) -> list[str | None]:
    """The problems found with the reference and two correct solutions."""
    monkeypatch.setattr(soundness, "grade", grader)
    exercise = read_folder(folder)
    examiner = Examiner(exercise, None, seed or exercise.digest[:32])  # type: ignore[arg-type]
    return [trial.problem for trial in examiner.good_solutions()]


@pytest.mark.parametrize("late", [1, 2])
def test_one_who_comes_late_on_a_busy_machine_is_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    grader = Grader(*[Verdict.TIME_LIMIT] * late)
    assert good_solutions(folder, grader, monkeypatch) == [None] * 3
    assert len(grader.seeds) == 3 + late


def test_one_who_is_always_late_is_a_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grader = Grader(*[Verdict.TIME_LIMIT] * soundness.PATIENCE)
    problem, *others = good_solutions(folder, grader, monkeypatch)
    assert problem and problem.startswith("is time_limit")
    assert others == [None, None]


def test_a_wrong_answer_is_not_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grader = Grader(Verdict.WRONG_ANSWER)
    problem, *_ = good_solutions(folder, grader, monkeypatch)
    assert problem and problem.endswith(f"seed {grader.seeds[0]}")
    assert len(grader.seeds) == 3


def test_the_draws_depend_on_content_unless_a_seed_is_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seeds(seed: str | None = None) -> list[str]:
        grader = Grader()
        good_solutions(folder, grader, monkeypatch, seed)
        return grader.seeds

    before = seeds()
    assert seeds() == before
    assert seeds("0" * 32) != before
    with (folder / "statement.md").open("a") as statement:
        statement.write("\n")
    assert seeds() != before
