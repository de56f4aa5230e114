"""Containers that die during a burst; see test_drills. For every kind that is here."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from tests.graders.sandbox import kinds
from tests.ops import drills
from tests.ops.worker import Worker, running_worker

pytestmark = [
    pytest.mark.containers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("real_services"),
]


@pytest.fixture(scope="module", params=["docker", "podman", "single_use"])
def url(request, tmp_path_factory) -> Iterator[str]:
    with kinds.address(request.param, tmp_path_factory.mktemp("sockets")) as address:
        yield address


@pytest.fixture(scope="module")
def worker(django_db_setup, url: str) -> Iterator[Worker]:
    with running_worker(2, SANDBOX=url) as process:
        yield process


def kill_first_processes(url: str) -> None:
    for container in kinds.containers(url):
        pid = kinds.first_process(url, container)
        if pid:
            os.kill(pid, signal.SIGKILL)


def kill_by_the_engine(url: str) -> None:
    argv = [kinds.engine(url), "rm", "--force", *kinds.containers(url)]
    subprocess.run(argv, capture_output=True, check=False)  # some end by themselves


@pytest.mark.parametrize("kill", [kill_first_processes, kill_by_the_engine])
def test_sigkill_of_all_containers_during_a_burst(worker, url: str, kill) -> None:
    # A container for each runner, and some exercises take a dozen of them.
    alone = "single_use" in url
    submissions = [drills.hand_in() for _ in range(4)] if alone else drills.burst()
    drills.await_some(submissions, 1)
    hit = drills.in_flight()
    kill(url)
    hit |= drills.in_flight()
    drills.await_all(submissions)
    drills.assert_fair(submissions, hit)
