"""Cases for use elsewhere, and the program that runs them there."""

from __future__ import annotations

import importlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from exercises.spec import Exercise, Tolerance, all_exercises, load_exercise
from graders import archive, bundle
from graders.bundle import make_bundle, public_seed
from graders.cases import derived_seed, prepare
from graders.compare import compare
from graders.errors import ExerciseBroken
from graders.judge import judge_reaction
from graders.reference import react, trusted
from graders.trees import tensors

SECRET = "0123456789abcdef0123456789abcdef"
ONES = [one for one in all_exercises() if one.device != "gpu"]
CASES = settings(derandomize=True, database=None, deadline=None, max_examples=200)


@pytest.fixture(scope="module")
def replay() -> Iterator[ModuleType]:
    """The program, imported from its folder as a student's Python would."""
    folder = str(Path(archive.__file__).parent / "local")
    sys.path.insert(0, folder)
    yield importlib.import_module("replay")
    sys.path.remove(folder)
    for name in ("replay", "comparing"):
        del sys.modules[name]


@pytest.fixture(scope="module")
def comparing(replay: ModuleType) -> ModuleType:
    return sys.modules["comparing"]


def checks_of(made: bundle.Bundle) -> list[dict[str, Any]]:
    return json.loads(made.cases)["checks"]


# --- what is in it


def test_the_public_examples_are_the_same_whoever_makes_them(
    attention: Exercise,
) -> None:
    seed = public_seed(attention)
    assert make_bundle(trusted(attention), seed) == make_bundle(
        trusted(attention), seed
    )


def test_hidden_checks_are_in_it_only_where_they_are_asked_for(
    attention: Exercise,
) -> None:
    public = make_bundle(trusted(attention), SECRET)
    everything = make_bundle(trusted(attention), SECRET, with_hidden=True)
    hidden = {check.name for check in attention.checks if not check.public}
    assert all(check["public"] for check in checks_of(public))
    assert {c["name"] for c in checks_of(everything)} > hidden
    assert not any(name in public.cases for name in hidden)


def test_the_secret_seed_is_not_in_it_but_each_cases_own_is(
    attention: Exercise,
) -> None:
    made = make_bundle(trusted(attention), SECRET, with_hidden=True)
    assert SECRET not in made.cases
    for check in checks_of(made):
        for case in check["cases"]:
            number = case["number"]
            assert case["seed"] == derived_seed(SECRET, check["name"], number)


def test_what_would_make_it_too_large_is_left_out_and_counted(
    attention: Exercise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "LIMIT", 2000)
    made = make_bundle(trusted(attention), SECRET)
    assert len(made.tensors) < 10_000
    assert sum(check["left_out"] for check in checks_of(made)) > 0
    assert all(c["cases"] or c["left_out"] for c in checks_of(made))


def test_what_has_no_form_is_the_exercises_fault(attention: Exercise) -> None:
    with pytest.raises(ExerciseBroken, match="no form for a set"):
        bundle._Writer().node({1})


def test_values_that_are_free_are_not_given_away() -> None:
    made = make_bundle(trusted(load_exercise("reg_dropout")), SECRET)
    free = [
        case
        for check in checks_of(made)
        for case in check["cases"]
        if "properties" in case["unchecked"]
    ]
    assert free
    assert all('["T"' not in json.dumps(case["expected"]) for case in free)


# --- what comes out of it is what went in

DTYPES = [torch.float32, torch.float64, torch.bfloat16, torch.float16]
DTYPES += [torch.int64, torch.uint8, torch.bool, torch.complex64]
TENSORS = st.builds(
    lambda shape, dtype, seed, step, grad: made_tensor(shape, dtype, seed, step, grad),
    st.lists(st.integers(0, 4), max_size=3),
    st.sampled_from(DTYPES),
    st.integers(0, 99),
    st.booleans(),
    st.booleans(),
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | TENSORS
) | st.complex_numbers(allow_nan=False)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), inner, max_size=3)
    ),
    max_leaves=6,
)


def made_tensor(
    shape: list[int], dtype: torch.dtype, seed: int, step: bool, grad: bool
) -> torch.Tensor:
    g = torch.Generator().manual_seed(seed)
    made = (torch.randn(shape, generator=g) * 3).to(dtype)
    if step and made.ndim > 1:
        made = made.transpose(0, 1).contiguous().transpose(0, 1)
    return made.requires_grad_(grad and dtype.is_floating_point)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor):
        alike = (a.dtype, a.shape, a.requires_grad) == (
            b.dtype,
            b.shape,
            b.requires_grad,
        )
        strides = a.numel() < 2 or a.stride() == b.stride()
        return alike and strides and torch.equal(a, b)
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b or (a != a and b != b))


@CASES
@given(tree=TREES)
def test_a_value_survives_the_way(replay: ModuleType, tree: Any) -> None:
    writer = bundle._Writer()
    node = json.loads(json.dumps(writer.node(tree)))
    assert same(tree, replay.value(node, replay.read_tensors(writer.blob())))


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


def test_every_tensor_of_a_case_is_in_its_own_file(attention: Exercise) -> None:
    made = make_bundle(trusted(attention), SECRET)
    prepared = next(prepare(trusted(attention), attention.checks[0], SECRET))
    count = len([*tensors(prepared.inputs), *tensors(prepared.expected.value)])
    case = checks_of(made)[0]["cases"][0]
    assert json.dumps([case["inputs"], case["expected"]]).count('["T"') == count
