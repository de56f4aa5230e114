"""The kinds of sandbox beside bubblewrap, as far as ``.ci/containers`` has them."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graders.sandbox.engines import PYTHON, run

OFFERED = os.environ.get("SANDBOXES", "").split()
MANY = ("docker", "podman", "unix")  # a container serves many submissions
ALONE = ("single_use", "gvisor")  # or one
LISTEN = "import sys; sys.path[:0] = ['/site', '/grader']; " + (
    "from runner.listen import main; main('/run/sandbox')"
)


def _offered(kind: str) -> str:
    """The address of a kind that an engine starts; a test of another is skipped."""
    engine = "podman" if kind == "podman" else "docker"
    for url in OFFERED:
        if url.startswith(f"{engine}:") and ("runsc" in url) is (kind == "gvisor"):
            return f"{url}?single_use=1" if kind == "single_use" else url
    pytest.skip(f"{kind} cannot run here: .ci/containers says why")


@contextmanager
def address(kind: str, folder: Path) -> Iterator[str]:
    """The address of a sandbox of that kind; ``folder`` is for sockets."""
    if kind != "unix":
        yield _offered(kind)
        return
    with listening("docker", _offered("docker").partition(":")[2], folder) as url:
        yield url


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


def engine(url: str) -> str:
    """What runs the containers of an address; docker behind a socket."""
    return url.partition(":")[0].replace("unix", "docker")


def containers(url: str) -> set[str]:
    """Ids of those that the engine behind an address has."""
    argv = [engine(url), "ps", "--all", "--quiet", "--no-trunc"]
    answer = subprocess.run(argv, check=True, capture_output=True, text=True)
    return set(answer.stdout.split())


def first_process(url: str, container: str) -> int:
    """The host's number of a container's first process; 0: it has ended."""
    argv = [engine(url), "inspect", "--format", "{{.State.Pid}}", container]
    answer = subprocess.run(argv, check=False, capture_output=True, text=True)
    return int(answer.stdout.strip() or 0)
