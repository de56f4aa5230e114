"""A container's life: opened, broken, replaced, closed; nothing is left behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from graders.errors import SandboxBroken, SandboxUnavailable
from graders.sandbox.bench import below
from graders.sandbox.container import START_S
from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from graders.sandbox.session import Failure
from graders.sandbox.zygote_runner import Ending
from tests.graders.sandbox.conftest import GOOD, family, works


def alive(pid: int) -> bool:
    """Whether it runs: one that is dead may still wait for init to collect it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z"
    except OSError:
        return False


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_a_sandbox_outlives_the_thread_that_opened_it() -> None:
    made: list[ZygoteSandbox] = []

    def make() -> None:
        opened = open_sandbox("bwrap:")
        assert isinstance(opened, ZygoteSandbox)
        made.append(opened)
        works(opened)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    before = made[0].process_id
    assert works(made[0])
    assert made[0].process_id == before
    made[0].close()


def test_a_dead_container_is_replaced_and_nothing_is_left() -> None:
    before = descriptors()
    sandbox = open_sandbox("bwrap:")
    assert isinstance(sandbox, ZygoteSandbox)
    first = sandbox.process_id
    family = [*below(first)]
    os.kill(family[-1], signal.SIGKILL)  # the zygote
    assert works(sandbox)
    assert sandbox.process_id != first
    second = [*below(sandbox.process_id)]
    sandbox.close()
    assert not [pid for pid in family + second if alive(pid)]
    assert descriptors() <= before + 1  # the starting thread's, if any


OWNER = """
from graders.sandbox.container import START_S
from graders.sandbox.pool import open_sandbox
from graders.sandbox.session import Job, RunnerLimits
sandbox = open_sandbox("bwrap:")
job = Job("def f():\\n  while True: pass", None, ("f",), RunnerLimits(wall_s=600))
with sandbox.runner(job) as runner:
    runner.load()
    print(sandbox.process_id, flush=True)
    runner.run({"call": "f"})
"""


def test_a_worker_killed_while_grading_leaves_nothing_behind() -> None:
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as owner:
        assert owner.stdout
        everything = [*below(int(owner.stdout.readline()))]
        handles = [os.pidfd_open(pid) for pid in everything]
        owner.kill()
    assert len(handles) == 5  # bubblewrap's two, the relay, the zygote, the runner
    for handle in handles:  # readable when its process is dead
        assert select.select([handle], [], [], 30)[0]
        os.close(handle)


def test_a_container_dies_in_the_middle_of_a_job(sandbox: ZygoteSandbox) -> None:
    with pytest.raises(SandboxBroken), sandbox.runner(GOOD) as runner:
        runner.load()
        os.kill(sandbox.process_id, signal.SIGKILL)
        while runner.alive:  # until it is noticed
            runner.run({"call": "f", "args": [1]})
    assert works(sandbox)


def test_a_container_that_hangs_is_given_up_and_replaced(
    sandbox: ZygoteSandbox,
) -> None:
    assert works(sandbox)
    hanging = sandbox.process_id
    relay = family(sandbox)[2]
    job = replace(GOOD, limits=replace(GOOD.limits, wall_s=0.2))
    with pytest.raises(SandboxBroken, match="would not die"), sandbox.runner(job) as it:
        it.load()
        os.kill(relay, signal.SIGSTOP)
        it.run({"call": "f", "args": [1]})
    assert works(sandbox)
    assert sandbox.process_id != hanging


def test_a_zygote_is_replaced_after_a_number_of_forks() -> None:
    sandbox = open_sandbox("bwrap:", max_forks=2)
    assert isinstance(sandbox, ZygoteSandbox)
    first = sandbox.process_id
    deadline = time.monotonic() + START_S
    while sandbox.process_id == first:  # its successor imports torch meanwhile
        assert works(sandbox)
        assert time.monotonic() < deadline
    assert works(sandbox)
    sandbox.close()


def test_the_next_runner_is_there_before_it_is_asked_for(
    sandbox: ZygoteSandbox,
) -> None:
    assert works(sandbox)
    with sandbox.runner(GOOD) as runner:
        forks = runner.container.forks
        assert runner.load().ok
    assert runner.container.forks == forks + 1


def test_a_spare_with_another_limit_is_not_used(sandbox: ZygoteSandbox) -> None:
    assert works(sandbox)
    other = replace(GOOD, limits=replace(GOOD.limits, memory_mb=300))
    with sandbox.runner(other) as runner:
        assert runner.memory_mb == 300
        assert runner.load().ok
        assert len(family(sandbox)) == 5  # and the spare is gone


def test_a_forked_worker_gets_its_own_container(sandbox: ZygoteSandbox) -> None:
    parent = sandbox.process_id
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            fine = works(sandbox) and sandbox.process_id != parent
            sandbox.close()
            os.write(writing, b"fine" if fine else b"same")
        finally:
            os._exit(0)
    os.close(writing)
    assert os.read(reading, 10) == b"fine"
    os.waitpid(pid, 0)
    os.close(reading)
    assert works(sandbox)
    assert sandbox.process_id == parent


@pytest.mark.parametrize("url", ["", "docker:", "unsafe:", "/bin/sh"])
def test_there_is_no_other_sandbox_to_fall_back_to(url: str) -> None:
    with pytest.raises(SandboxUnavailable):
        open_sandbox(url)


def test_without_bubblewrap_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        open_sandbox("bwrap:")


def test_a_signal_without_a_name_is_an_end_like_another() -> None:
    """Most of the real-time ones have none; a runner without namespaces may die so."""
    ending = Ending(status=40, cpu_s=0.1, peak_kb=1)
    assert ending.failure() is Failure.EXITED
    assert ending.describe() == "signal 40"
    assert Ending(status=9, cpu_s=0.1, peak_kb=1).describe() == "SIGKILL"
