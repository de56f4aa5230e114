"""One container for each submission, with walls that need no namespaces.

Here the containers are bubblewrap's, which lets us look at them closely and needs no
engine; `test_kinds` has those that are really used so.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from graders.errors import IsolationRefused, SandboxUnavailable
from graders.sandbox import launch, pool
from graders.sandbox.bench import below
from graders.sandbox.container import Container
from graders.sandbox.links import ProcessLink
from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from graders.sandbox.session import Failure, Outcome
from graders.sandbox.single_use import LINGERING, SingleUseSandbox
from graders.sandbox.zygote_runner import ZygoteRunner
from tests.graders.sandbox.conftest import GOOD, QUICK, SHORT, ask, works

pytestmark = pytest.mark.skipif(
    not launch._can_become(launch.UID),
    reason="in bubblewrap only root can be two users",
)
ENTRY = launch.ENTRY.replace("{arguments}", "{arguments}, single_use=64000")


def connect() -> ProcessLink:
    return ProcessLink(launch.bubblewrap(ENTRY))


@pytest.fixture(scope="module")
def single() -> Iterator[SingleUseSandbox]:
    made = SingleUseSandbox(connect, 1, {})
    yield made
    made.close()


def answer(sandbox: SingleUseSandbox, source: str, **limits: float) -> Outcome:
    job = replace(GOOD, source=source, limits=replace(QUICK, **limits))
    return ask(sandbox, job, {"call": "f"})


def ended(handles: list[int]) -> bool:
    """Whether these processes end; a pidfd is readable when its process is dead."""
    return all(select.select([handle], [], [], 30)[0] for handle in handles)


def test_a_container_serves_one_submission_and_is_gone(
    single: SingleUseSandbox,
) -> None:
    with single.runner(GOOD) as runner:
        assert runner.load().ok
        assert runner.run({"call": "f", "args": [21]}).value["output"] == 42
        everything = [*below(runner.container.link.process_id or 0)]
        handles = [os.pidfd_open(pid) for pid in everything]
    assert len(handles) == 5  # bubblewrap's two, the relay, the zygote, the runner
    assert ended(handles)
    with single.runner(GOOD) as other:
        assert other.container is not runner.container
    for handle in handles:
        os.close(handle)


def test_a_second_submission_is_refused_inside_the_container() -> None:
    container = Container(connect())
    container.wait_ready()
    first, second = (ZygoteRunner(container, number, 256) for number in (1, 2))
    first.fork()
    first.adopt(GOOD)
    first.end()
    second.fork()
    with pytest.raises(IsolationRefused, match="has served"):
        second.adopt(GOOD)
    container.destroy()


def test_spares_are_as_many_as_wanted_however_many_are_used() -> None:
    sandbox = SingleUseSandbox(connect, 1, {})
    assert len(sandbox._warm) == 1
    with sandbox.runner(GOOD) as first, sandbox.runner(GOOD) as second:
        assert not sandbox._warm
        assert first.container is not second.container
    assert len(sandbox._warm) == 1
    assert len(sandbox._lingering) <= LINGERING
    sandbox.close()
    assert not sandbox._warm


def test_a_spare_that_has_died_is_passed_over(single: SingleUseSandbox) -> None:
    (spare,) = single._warm
    spare.wait_ready()
    *_, zygote = below(spare.link.process_id or 0)
    os.kill(zygote, signal.SIGKILL)
    assert works(single)


def test_nothing_of_a_closed_sandbox_is_left() -> None:
    sandbox = SingleUseSandbox(connect, 2, {})
    with sandbox.runner(GOOD):
        pids = [each.link.process_id or 0 for each in sandbox._warm]
        handles = [os.pidfd_open(pid) for pid in pids]
    sandbox.close()
    assert ended(handles)
    assert not sandbox._lingering
    for handle in handles:
        os.close(handle)


def test_what_never_ends_is_ended_and_the_next_one_answered(
    single: SingleUseSandbox,
) -> None:
    job = replace(GOOD, source="def f(x):\n  while True: pass", limits=SHORT)
    assert ask(single, job, {"call": "f", "args": [1]}).failure is Failure.TIME
    assert works(single)


ENDS = {
    "too much memory": ("bytearray(1 << 30)", Failure.MEMORY),
    "an abort": ("import os; os.abort()", Failure.EXITED),
    "a socket": ("import socket; socket.socket()", Failure.VIOLATION),
}


@pytest.mark.parametrize(("body", "failure"), ENDS.values(), ids=ENDS)
def test_limits_and_the_filter_hold_without_namespaces(
    single: SingleUseSandbox, body: str, failure: Failure
) -> None:
    assert answer(single, f"def f(): {body}").failure is failure


NEIGHBOURS = """
import ctypes, os, signal
libc = ctypes.CDLL(None, use_errno=True)

def refused(attempt, *arguments):
    try:
        return attempt(*arguments)
    except OSError as error:
        return error.errno

def f():
    zygote, me = os.getppid(), os.getpid()
    seen = [
        refused(os.open, f"/proc/{pid}/{name}", os.O_RDONLY)
        for pid in (1, 2, 3, zygote)
        for name in ("mem", "environ", "fd/1")
    ]
    sent = [refused(os.kill, pid, 9) for pid in (zygote, 1, 0, -1, me, -me)]
    threads = [libc.syscall(number, zygote, zygote, 9) for number in (200, 234)]
    return seen, sent, threads, os.getresuid(), os.getresgid()
"""


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
def test_relay_and_zygote_are_out_of_reach(single: SingleUseSandbox) -> None:
    seen, sent, threads, uids, gids = answer(single, NEIGHBOURS).value["output"]
    assert set(seen) <= {1, 2, 13}  # EPERM, ENOENT, EACCES
    assert set(sent) == {1}
    assert threads == [-1, -1]
    assert set(uids) == set(gids) == {64000}


def test_a_runner_that_stops_itself_is_killed_at_its_time(
    single: SingleUseSandbox,
) -> None:
    source = "import signal\ndef f(): signal.raise_signal(signal.SIGSTOP)"
    assert answer(single, source, wall_s=0.3).failure is Failure.TIME


# --- which kind of sandbox is opened ----------------------------------------------


@pytest.fixture
def _refusing_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """docker as far as ``open_sandbox`` knows."""
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    nested = launch.bubblewrap()
    monkeypatch.undo()

    def link(url: str, *, single_use: bool = False):
        if single_use:
            return connect
        return lambda: ProcessLink([nested[0], "--disable-userns", *nested[1:]])

    monkeypatch.setattr(pool, "connector", link)


@pytest.mark.usefixtures("_refusing_engine")
def test_gvisor_serves_single_submissions_where_it_refuses_namespaces() -> None:
    sandbox = open_sandbox("docker:image?runtime=runsc&spares=0")
    assert isinstance(sandbox, SingleUseSandbox)
    assert "clone" in sandbox.why
    assert works(sandbox)
    sandbox.close()


@pytest.mark.usefixtures("_refusing_engine")
@pytest.mark.parametrize("url", ["bwrap:", "docker:image?runtime=runsc&single_use=0"])
def test_no_other_kind_ever_falls_back_to_weaker_walls(url: str) -> None:
    sandbox = open_sandbox(url)
    assert isinstance(sandbox, ZygoteSandbox)
    with pytest.raises(SandboxUnavailable, match="cannot isolate themselves"):
        works(sandbox)
    sandbox.close()
