"""Every kind of container holds as bubblewrap does; `.ci/containers` provides them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exercises.spec import load_exercise
from graders.errors import SandboxBroken
from graders.pipeline import grade
from graders.sandbox.doctor import diagnose
from graders.sandbox.engines import PYTHON, run
from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from tests.graders.sandbox.conftest import GOOD, works

pytestmark = pytest.mark.services

OFFERED = os.environ.get("SANDBOXES", "").split()
LISTEN = "import sys; sys.path[:0] = ['/site', '/grader']; " + (
    "from runner.listen import main; main('/run/sandbox')"
)


@contextmanager
def listening(engine: str, image: str, folder: Path) -> Iterator[str]:
    """A container as an orchestrator would start it, and the address of its folder."""
    folder.chmod(0o777)
    argv = run(engine, image, name := f"quizsite-listening-{os.getpid()}")
    argv = argv[: argv.index(PYTHON)]
    argv[-1:-1] = ["--volume", f"{folder}:/run/sandbox"]
    argv = [engine, *argv, PYTHON, "-I", "-S", "-B", "-c", LISTEN]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL) as client:
        deadline = time.monotonic() + 60
        while not list(folder.glob("*.sock")):
            assert client.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"unix://{folder}"
        remove = [engine, "rm", "--force", name]
        subprocess.run(remove, check=True, capture_output=True)


@pytest.fixture(scope="module", params=["docker", "podman", "unix"])
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    wanted = "docker" if request.param == "unix" else request.param
    urls = [url for url in OFFERED if url.startswith(f"{wanted}:")]
    if not urls:
        pytest.skip(f"{wanted} cannot run here: .ci/containers says why")
    if request.param != "unix":
        yield urls[0]
        return
    folder = tmp_path_factory.mktemp("sockets")
    with listening("docker", urls[0].partition(":")[2], folder) as address:
        yield address


@pytest.fixture(scope="module")
def contained(url: str) -> Iterator[ZygoteSandbox]:
    made = open_sandbox(url)
    assert isinstance(made, ZygoteSandbox)
    yield made
    made.close()


def test_every_layer_holds_against_the_doctor(url: str) -> None:
    findings = diagnose(url)
    assert len(findings) > 15
    assert [finding for finding in findings if not finding.ok] == []


def test_a_right_and_a_wrong_solution_get_their_verdicts(
    contained: ZygoteSandbox,
) -> None:
    exercise = load_exercise("tr_attention")
    right = (exercise.folder / "reference.py").read_text()
    wrong = exercise.wrong_solution("no_scale").read_text()
    assert grade(right, exercise, contained).verdict == "accepted"
    mistake = grade(wrong, exercise, contained).mistake
    assert mistake
    assert mistake.id == "no_scale"


def test_a_container_that_ends_in_the_middle_is_replaced(
    contained: ZygoteSandbox,
) -> None:
    with pytest.raises(SandboxBroken), contained.runner(GOOD) as runner:
        runner.load()
        runner.container.destroy()
        runner.run({"call": "f", "args": [1]})
    assert works(contained)


def containers(url: str) -> set[str]:
    """Those of the engine that is asked; behind a socket it is not ours to ask."""
    engine = url.partition(":")[0]
    argv = [engine, "ps", "--all", "--quiet"]
    if engine == "unix":
        return set()
    answer = subprocess.run(argv, check=True, capture_output=True, text=True)
    return set(answer.stdout.split())


def test_nothing_of_a_closed_sandbox_is_left(url: str) -> None:
    before = containers(url)
    sandbox = open_sandbox(url)
    assert isinstance(sandbox, ZygoteSandbox)
    assert works(sandbox)
    sandbox.close()
    assert containers(url) == before
