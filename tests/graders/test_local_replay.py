"""The program that runs a solution on cases without the site."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.spec import Exercise, Tolerance, all_exercises, load_exercise
from graders import archive, bundle
from graders.bundle import make_bundle
from graders.cases import prepare
from graders.compare import compare
from graders.judge import judge_reaction
from graders.reference import react, trusted

SECRET = "0123456789abcdef0123456789abcdef"
ONES = [one for one in all_exercises() if one.device != "gpu"]
CASES = settings(derandomize=True, database=None, deadline=None, max_examples=200)


@pytest.fixture(scope="module")
def comparing(replay: ModuleType) -> ModuleType:
    return sys.modules["comparing"]


def checks_of(made: bundle.Bundle) -> list[dict[str, Any]]:
    return json.loads(made.cases)["checks"]


# --- it judges as the site does


@pytest.mark.parametrize("exercise", ONES, ids=lambda one: one.slug)
def test_it_passes_and_fails_what_the_site_does(
    replay: ModuleType, exercise: Exercise
) -> None:
    code = trusted(exercise)
    made = make_bundle(code, SECRET, with_hidden=True)
    local = replay.Bundle(made.cases, made.tensors, code.probe)
    compared = 0
    for check, described in zip(exercise.checks, checks_of(made), strict=True):
        pairs = zip(prepare(code, check, SECRET), described["cases"], strict=False)
        for prepared, case in pairs:
            if "time" in case["unchecked"]:
                continue
            for solution in (code.reference, *code.mistakes.values()):
                reaction = react(code.probe, solution, prepared.inputs)
                found = judge_reaction(exercise, prepared, reaction)
                told = local.problem(solution, case)
                where = f"{check.name} {prepared.number} {solution.__name__}: {told}"
                if case["unchecked"]:
                    assert not told or found, where
                else:
                    assert bool(told) == bool(found), where
                    compared += 1
    assert compared > 10


@CASES
@given(
    shape=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    dtype=st.sampled_from([torch.float64, torch.float32, torch.int64, torch.complex64]),
    exponent=st.integers(-12, 1),
    rel=st.sampled_from([None, 1e-6, 1e-2]),
    scale=st.sampled_from([None, 0.0, 1.0]),
    odd=st.sampled_from([None, float("nan"), float("inf")]),
    seed=st.integers(0, 999),
)
def test_it_allows_as_much_as_the_site(
    comparing: ModuleType,
    shape: list[int],
    dtype: torch.dtype,
    exponent: int,
    rel: float | None,
    scale: float | None,
    odd: float | None,
    seed: int,
) -> None:
    g = torch.Generator().manual_seed(seed)
    wanted = (torch.randn(shape, generator=g, dtype=torch.float64) * 5).to(dtype)
    noise = 10.0**exponent * torch.randn(shape, generator=g, dtype=torch.float64)
    came = (wanted + noise).to(dtype)
    if odd is not None and dtype.is_floating_point:
        came.view(-1)[0] = odd
        if odd == float("inf"):
            wanted.view(-1)[0] = odd
    case = {"rel": rel, "scale": scale, "names": []}
    theirs = compare(came, wanted, Tolerance(rel, scale)).matched
    assert (comparing.difference(came, wanted, case) is None) == theirs


class Foreign(torch.Tensor):
    pass


@pytest.mark.parametrize(
    ("came", "wanted"),
    [
        (torch.ones(2), torch.ones(3)),
        (torch.ones(2), torch.ones(2, 1)),
        (torch.ones(2).double(), torch.ones(2)),
        (torch.ones(2, device="meta"), torch.ones(2)),
        (torch.ones(2).to_sparse(), torch.ones(2)),
        (torch.ones(2).as_subclass(Foreign), torch.ones(2)),
        (1.0, torch.ones(())),
        (torch.ones(()), 1.0),
        (True, 1),
        (None, torch.ones(2)),
        ([torch.ones(2)], torch.ones(2)),
        ((torch.ones(2),) * 2, (torch.ones(2),)),
        ({"a": torch.ones(2)}, {"b": torch.ones(2)}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ("b", "a"),
        (2, 1),
        (1.1, 1.0),
    ],
)
def test_what_is_of_another_kind_is_another_answer(
    comparing: ModuleType, came: Any, wanted: Any
) -> None:
    case = {"rel": None, "scale": None, "names": []}
    assert comparing.difference(came, wanted, case)


@pytest.mark.parametrize(
    ("came", "wanted"),
    [
        ([torch.ones(2), 3], (torch.ones(2), 3)),
        (torch.nn.Parameter(torch.ones(2)), torch.ones(2)),
        (2, 2.0),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
    ],
)
def test_what_the_site_takes_for_the_same_is_the_same_here(
    comparing: ModuleType, came: Any, wanted: Any
) -> None:
    case = {"rel": None, "scale": None, "names": []}
    assert comparing.difference(came, wanted, case) is None


# --- the archive, where there is nothing else


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    exercise = load_exercise("tr_attention")
    made = make_bundle(trusted(exercise), SECRET)
    source = (exercise.folder / "reference.py").read_text()
    content = archive.replay_archive(
        exercise,
        made.cases,
        made.tensors,
        source=source,
        report={"environment": {"sandbox": "bubblewrap", "torch": "2.13.0"}},
        with_hidden=False,
    )
    folder = tmp_path_factory.mktemp("replay")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(folder)
    return folder


def run(folder: Path, *arguments: str, flags: tuple[str, ...] = ()) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *flags, "replay.py", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def test_one_command_repeats_the_check(unpacked: Path) -> None:
    code, printed = run(unpacked)
    assert code == 0, printed
    assert "✓ Внимание без масок: верно, случаев: 5." in printed
    assert "Пройдено проверок: 2 из 2." in printed


def test_the_readme_says_how_and_where_it_was_graded(unpacked: Path) -> None:
    readme = (unpacked / "README.md").read_text()
    assert "python replay.py" in readme
    assert "песочница bubblewrap, torch 2.13.0" in readme
    assert load_exercise("tr_attention").digest in readme


def test_a_wrong_solution_is_told_where(unpacked: Path) -> None:
    wrong = load_exercise("tr_attention").wrong_solution("no_scale")
    code, printed = run(unpacked, str(wrong))
    assert code == 1
    assert "не пройдено случаев: 4 из 5" in printed
    assert "out: не совпадает элементов" in printed


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def attention(*a, **k):\n    raise ValueError('нет')", "ValueError: нет"),
        ("def attention(*a, **k):\n    exit(3)", "исключение SystemExit"),
        ("def attention(q, k, v, mask=None, causal=False):\n    return q", "тип"),
        ("1 / 0", "Решение не загрузилось: исключение ZeroDivisionError"),
        ("x = (", "Решение не загрузилось: исключение SyntaxError"),
        ("x = 1", "Не определено: attention"),
    ],
)
def test_whatever_a_solution_does_is_told(
    unpacked: Path, tmp_path: Path, source: str, words: str
) -> None:
    (tmp_path / "mine.py").write_text(source)
    code, printed = run(unpacked, str(tmp_path / "mine.py"))
    assert code == 1
    assert words in printed
    assert "Traceback" not in printed


def test_a_missing_file_is_named(unpacked: Path) -> None:
    code, printed = run(unpacked, "none.py")
    assert code == 2
    assert "Нет файла none.py" in printed


def test_without_torch_it_says_what_to_install(unpacked: Path) -> None:
    code, printed = run(unpacked, flags=("-S",))
    assert code == 1
    assert "pip install torch" in printed


def test_the_same_content_makes_the_same_archive(attention: Exercise) -> None:
    made = [archive.examples_archive(attention, "{}", b"") for _ in range(2)]
    assert made[0] == made[1]


def test_without_examples_the_archive_holds_the_helper_all_the_same(
    attention: Exercise,
) -> None:
    content = archive.examples_archive(attention, "", b"")
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert "dlq_helper.py" in names
    assert "cases.json" not in names


def test_an_exercises_own_probe_goes_along() -> None:
    exercise = load_exercise("train_adam_adamw")
    content = archive.examples_archive(exercise, "", b"")
    assert (
        zipfile.ZipFile(io.BytesIO(content)).read("probe.py").decode() == exercise.probe
    )
