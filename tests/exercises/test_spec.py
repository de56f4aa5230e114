"""Exercise folders: what is read, and what is refused naming file, field and cure."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from exercises import spec
from exercises.spec import (
    ROOT,
    MalformedExercise,
    UnknownExercise,
    all_exercises,
    load_exercise,
    read_folder,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a good exercise, to be spoiled."""
    copy = tmp_path / "tr_attention"
    shutil.copytree(ROOT / "tr_attention", copy)
    return copy


def spoil(folder: Path, old: str, new: str, file: str = "exercise.toml") -> None:
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def refusal(folder: Path) -> str:
    with pytest.raises(MalformedExercise) as caught:
        read_folder(folder)
    return str(caught.value)


def test_the_four_exercises_are_there() -> None:
    assert {exercise.slug for exercise in all_exercises()} >= {
        "train_adam_adamw",
        "tr_attention",
        "img_conv2d_im2col",
        "reg_dropout",
    }


def test_what_pages_need_is_read() -> None:
    exercise = load_exercise("tr_attention")
    assert (exercise.chapter, exercise.section, exercise.difficulty) == (
        "transformer",
        2,
        2,
    )
    assert exercise.title.startswith("Масштабированное")
    assert "def attention(" in exercise.starter
    assert "## Что написать" in exercise.statement
    assert exercise.points == sum(check.points for check in exercise.checks)


def test_uuids_are_unique() -> None:
    uuids = [exercise.uuid for exercise in all_exercises()]
    assert len(set(uuids)) == len(uuids)


@pytest.mark.parametrize("slug", ["nothing", "", ".", "..", "../exercises", "a/b"])
def test_an_unknown_slug_is_refused(slug: str) -> None:
    with pytest.raises(UnknownExercise):
        load_exercise(slug)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("uuid =", "uuid_ =", "uuid is missing"),
        ('uuid = "5f', 'uuid = "zz', "uuid is no UUID; a fresh one:"),
        ('slug = "tr_attention"', 'slug = "other"', "slug must be 'tr_attention'"),
        ("title =", "titel =", "title is missing"),
        (
            "difficulty = 2",
            "difficulty = 6",
            "difficulty must be a whole number from 1",
        ),
        ("difficulty = 2", 'difficulty = "2"', "difficulty must be a whole number"),
        ("difficulty = 2", "difficulty = true", "difficulty must be a whole number"),
        ('device = "cpu"', 'device = "tpu"', "device is 'tpu'; choose one of cpu"),
        ('requires = ["attention"]', "requires = []", "requires must list"),
        ("time_s = 2", "time_s = nan", "limits.time_s must be a number from 0.1"),
        ("memory_mb = 512", "memory = 512", "limits.memory_mb is missing"),
        ("[limits]", "[limits]\nspeed = 1", "limits.speed is no field"),
        ('device = "cpu"', 'device = "cpu"\nextra = 1', "extra is no field"),
        ("points = 2", "points = 0", "checks[0].points must be a number"),
        ('name = "mask"', 'name = "values"', "checks 'values' is named twice"),
        ('name = "mask"', 'name = "a mask"', "checks[1].name is 'a mask'"),
        ('id = "no_scale"', 'id = "nameless"', "nameless.py is missing; create it"),
        ("[[checks]]", "[[checks", "is no valid TOML"),
    ],
)
def test_a_malformed_manifest_is_refused(
    folder: Path, old: str, new: str, words: str
) -> None:
    spoil(folder, old, new)
    text = refusal(folder)
    assert words in text
    assert str(folder) in text


@pytest.mark.parametrize(
    "file",
    [
        "exercise.toml",
        "statement.md",
        "starter.py",
        "reference.py",
        "checks.py",
        "solutions/wrong/no_scale.py",
    ],
)
def test_a_missing_or_empty_file_is_named(folder: Path, file: str) -> None:
    (folder / file).write_text(" \n")
    assert f"{file} is empty" in refusal(folder)
    (folder / file).unlink()
    assert f"{file} is missing" in refusal(folder)


def test_another_correct_solution_is_demanded(folder: Path) -> None:
    shutil.rmtree(folder / "solutions" / "correct")
    assert "add another correct solution" in refusal(folder)


def test_a_wrong_solution_without_a_hint_is_refused(folder: Path) -> None:
    (folder / "solutions" / "wrong" / "new.py").write_text("pass")
    assert "add a [[mistakes]] table with id = 'new'" in refusal(folder)


def test_the_digest_changes_with_any_file_and_with_nothing_else(folder: Path) -> None:
    before = read_folder(folder).digest
    (folder / "__pycache__").mkdir(exist_ok=True)
    (folder / "__pycache__" / "checks.pyc").write_bytes(b"x")
    assert read_folder(folder).digest == before
    spoil(folder, "1e-2", "1e-3", "checks.py")
    assert read_folder(folder).digest != before


def test_reading_exercises_imports_no_torch() -> None:
    code = (
        "import sys, exercises.spec as s; s.all_exercises(); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT.parent).returncode == 0


def test_a_malformed_folder_does_not_take_the_others_down(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "exercise.toml").write_text("slug = ")
    shutil.copytree(ROOT / "reg_dropout", folder.parent / "reg_dropout")
    monkeypatch.setattr(spec, "exercise_slugs", lambda: ["tr_attention", "reg_dropout"])
    monkeypatch.setattr(spec, "_load", lambda slug: read_folder(folder.parent / slug))
    found = spec.all_exercises.__wrapped__()  # past the cache
    assert [one.slug for one in found] == ["reg_dropout"]
    assert "left out" in caplog.text


# --- devices

ON_GPU = '\n[[checks]]\nname = "gpu"\ntitle = "На видеокарте"\ndevice = "gpu"\n'


def ask_for_gpu(folder: Path, device: str, more: str = "") -> None:
    spoil(folder, 'device = "cpu"', f'device = "{device}"')
    manifest = folder / "exercise.toml"
    manifest.write_text(manifest.read_text() + ON_GPU + more)


def test_a_check_may_need_a_gpu_that_the_exercise_does_not(folder: Path) -> None:
    before = read_folder(folder)
    ask_for_gpu(folder, "any")
    exercise = read_folder(folder)
    check = exercise.checks[-1]
    assert (check.device, check.points) == ("gpu", 0)
    assert exercise.wants_gpu
    assert exercise.points == before.points
    assert not before.wants_gpu
    assert {one.device for one in exercise.checks[:-1]} == {"cpu"}


def test_such_a_check_can_have_no_points(folder: Path) -> None:
    ask_for_gpu(folder, "any", "points = 2\n")
    assert "points cannot be had by a check that only some workers" in refusal(folder)


def test_it_needs_an_exercise_for_any_device(folder: Path) -> None:
    ask_for_gpu(folder, "cpu")
    assert "device is 'cpu'; a check of its own device needs" in refusal(folder)


def test_a_check_of_another_device_is_refused(folder: Path) -> None:
    ask_for_gpu(folder, "any")
    spoil(folder, 'device = "gpu"', 'device = "tpu"')
    assert "device is 'tpu'; choose one of gpu" in refusal(folder)


def test_an_exercise_for_a_gpu_has_its_points_there(folder: Path) -> None:
    points = read_folder(folder).points
    spoil(folder, 'device = "cpu"', 'device = "gpu"')
    exercise = read_folder(folder)
    assert {check.device for check in exercise.checks} == {"gpu"}
    assert exercise.points == points


def test_an_exercise_in_which_nothing_counts_is_refused(folder: Path) -> None:
    ask_for_gpu(folder, "any")
    text = (folder / "exercise.toml").read_text()
    counted = re.compile(r"\[\[checks\]\]\n(?:(?!\n\[).)*?points = .*?(?=\n\[|$)", re.S)
    (folder / "exercise.toml").write_text(counted.sub("", text))
    assert "checks have no points; add one that has" in refusal(folder)


def test_the_memory_of_a_device_is_bounded_unless_said_otherwise(folder: Path) -> None:
    assert read_folder(folder).limits.device_memory_mb == 2048
    spoil(folder, "memory_mb = 512", "memory_mb = 512\ndevice_memory_mb = 4096")
    assert read_folder(folder).limits.device_memory_mb == 4096
