"""``grade``, ``check_exercises`` and ``doctor``: exit statuses and JSON."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from exercises.spec import load_exercise
from graders.errors import SandboxUnavailable
from graders.management.commands import check_exercises, doctor
from graders.sandbox import pool
from graders.sandbox.finding import Finding
from graders.sandbox.session import Sandbox
from graders.soundness import Soundness
from graders.stress import Strain
from tests.graders.test_intake import notebook

EXERCISE = load_exercise("tr_attention")
WRONG = str(EXERCISE.wrong_solution("causal_corner"))
SEED = "0123456789abcdef0123456789abcdef"


class Kept:
    """The session's sandbox, which a command may not close."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.runner = sandbox.runner

    def close(self) -> None:
        """It is needed by other tests."""


@pytest.fixture(autouse=True)
def _kept_sandbox(real_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "open_sandbox", lambda url: Kept(real_sandbox))


def printed(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def status(*args: str) -> int:
    with pytest.raises(CommandError) as caught:
        call_command(*args, stdout=StringIO())
    return int(caught.value.returncode)


def test_grade_prints_the_keys_that_scripts_rely_on() -> None:
    report = json.loads(
        printed("grade", EXERCISE.slug, WRONG, "--json", "--seed", SEED)
    )
    wanted = {"exercise", "verdict", "blame", "score", "mistake", "checks"}
    assert wanted | {"timing_ms", "seed"} <= set(report)
    assert (report["verdict"], report["blame"]) == ("partial", "student")
    assert report["mistake"]["id"] == "causal_corner"
    assert report["mistake"]["hint"]
    assert report["seed"] == SEED
    keys = {"name", "public", "passed", "points", "max_points", "message"}
    assert all(set(check) == keys for check in report["checks"])


def test_the_same_seed_makes_the_same_report() -> None:
    args = ("grade", EXERCISE.slug, WRONG, "--json", "--seed", SEED)
    reports = [json.loads(printed(*args)) for _ in range(2)]
    for report in reports:
        del report["timing_ms"]
    assert reports[0] == reports[1]


def test_grade_prints_the_hint_for_people_too() -> None:
    assert "правому нижнему углу" in printed("grade", EXERCISE.slug, WRONG)


def test_a_file_that_is_no_submission_still_makes_a_report(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{")
    report = json.loads(printed("grade", EXERCISE.slug, str(broken), "--json"))
    assert report["verdict"] == "contract_error"


def test_lines_of_a_notebook_are_told_by_cell(tmp_path: Path) -> None:
    work = tmp_path / "work.ipynb"
    body = "import os\n\ndef attention(q, k, v, mask=None, causal=False): 1 / 0"
    work.write_bytes(notebook("print(1)", body))
    told = printed("grade", EXERCISE.slug, str(work))
    assert "ячейка\xa02, строка\xa03: возникло исключение ZeroDivisionError" in told


@pytest.mark.parametrize(
    "args",
    [
        ("grade", "nothing", WRONG),
        ("grade", "../etc", WRONG),
        ("grade", EXERCISE.slug, "/nowhere.py"),
        ("check_exercises", "nothing"),
    ],
)
def test_bad_arguments_are_status_2(args: tuple[str, ...]) -> None:
    assert status(*args) == 2


def test_a_bad_seed_is_refused() -> None:
    with pytest.raises(CommandError, match="32 hexadecimal"):
        call_command("grade", EXERCISE.slug, WRONG, "--seed", "7")


@pytest.mark.parametrize(
    "args", [("grade", EXERCISE.slug, WRONG), ("check_exercises", EXERCISE.slug)]
)
def test_a_fault_of_ours_is_status_3(
    args: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(url: str) -> Any:
        raise SandboxUnavailable("install bubblewrap")

    monkeypatch.setattr(pool, "open_sandbox", unavailable)
    assert status(*args) == 3


def test_a_gpu_that_is_named_is_graded_on(
    monkeypatch: pytest.MonkeyPatch, real_sandbox: Sandbox, settings: Any
) -> None:
    def opened(url: str) -> Kept:
        urls.append(url)
        return Kept(real_sandbox)

    urls: list[str] = []
    settings.GPU_SANDBOX = "bwrap:?gpu=0"
    monkeypatch.setattr(pool, "open_sandbox", opened)
    printed("grade", EXERCISE.slug, WRONG)
    assert urls == [settings.SANDBOX, "bwrap:?gpu=0"]


def test_what_was_not_tried_without_a_gpu_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sound = Soundness(EXERCISE.slug, (), 1, 0.0, SEED, untried=("gpu",))
    monkeypatch.setattr(check_exercises, "check_exercise", lambda *_, **__: sound)
    text = printed("check_exercises", EXERCISE.slug)
    assert "not tried, there is no GPU: gpu" in text


def test_an_unsound_exercise_is_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    checked(monkeypatch, "zeros pass")
    assert status("check_exercises", EXERCISE.slug) == 1


def checked(monkeypatch: pytest.MonkeyPatch, *problems: str) -> list[dict[str, Any]]:
    """What ``check_exercise`` is asked; its outcome is made up."""
    asked: list[dict[str, Any]] = []
    strains = (
        Strain("values", 2, SEED, "reference.py", 0.25),
        Strain("mask", 0, SEED, "reference.py", 0.0),
    )

    def check_exercise(*_: Any, **kwargs: Any) -> Soundness:
        asked.append(kwargs)
        return Soundness(EXERCISE.slug, problems, 1, 0.0, SEED, strains)

    monkeypatch.setattr(check_exercises, "check_exercise", check_exercise)
    return asked


def test_check_exercises_tells_the_smallest_margins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked(monkeypatch)
    text = printed("check_exercises", EXERCISE.slug)
    assert f"uses 0.2500 of its allowance: reference.py, case 2, seed {SEED}" in text
    assert "mask             exact" in text
    (row,) = json.loads(printed("check_exercises", EXERCISE.slug, "--json"))
    assert (row["ok"], row["seed"]) == (True, SEED)
    assert row["strains"][0] == {
        "check": "values",
        "case": 2,
        "seed": SEED,
        "solver": "reference.py",
        "share": 0.25,
        "refusal": "",
    }


def test_check_exercises_draws_from_the_content_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = checked(monkeypatch)
    for option in ([], ["--seed", SEED.upper()], ["--fresh"], ["--fresh"]):
        printed("check_exercises", EXERCISE.slug, *option)
    seeds = [kwargs["seed"] for kwargs in asked]
    assert seeds[:2] == [None, SEED]
    assert len({*seeds}) == 4


def test_check_exercises_takes_a_number_of_seeds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = checked(monkeypatch)
    printed("check_exercises", EXERCISE.slug, "--seeds", "500")
    assert asked[0]["seeds"] == 500
    with pytest.raises(CommandError, match="whole number"):
        printed("check_exercises", EXERCISE.slug, "--seeds", "-1")


@pytest.mark.django_db
def test_doctor_is_status_1_when_something_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    missing = Finding("bubblewrap", False, "not found", "apt-get install bubblewrap")
    monkeypatch.setattr(doctor, "diagnose", lambda url: [missing])
    assert status("doctor") == 1
    assert status("doctor", "--json") == 1


@pytest.mark.django_db
def test_doctor_looks_at_database_broker_and_exercises() -> None:
    names = [finding.name for finding in doctor.site_findings()]
    assert names == ["database", "broker", "exercises"]
