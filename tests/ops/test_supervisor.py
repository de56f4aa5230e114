"""The process manager, run for real on tiny shell programs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SCRIPT = """
import sys
from quizsite.lib import supervisor
supervisor.FIRST_DELAY_S = 0.01
supervisor.GRACE_S = 0.5
programs = [
    supervisor.Program(f"p{i}", ["sh", "-c", text], {"NUMBER": str(i)},
                       optional=text.startswith(": optional;"))
    for i, text in enumerate(sys.argv[1:])
]
sys.exit(supervisor.Supervisor(programs).run())
"""


@contextmanager
def supervised(*shell: str) -> Iterator[subprocess.Popen[str]]:
    argv = [sys.executable, "-c", SCRIPT, *shell]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: subprocess.Popen[str], having: str) -> str:
    assert process.stdout is not None
    for text in process.stdout:
        if having in text:
            return text.strip()
    raise AssertionError(f"the output ended without {having!r}")


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_program_is_started_again() -> None:
    with supervised("echo pid $$; exec sleep 1000") as process:
        first = int(line(process, "pid").split()[-1])
        os.kill(first, signal.SIGKILL)
        assert "killed by SIGKILL" in line(process, "p0")
        assert int(line(process, "pid").split()[-1]) != first


def test_the_whole_ends_loudly_when_a_program_never_lives() -> None:
    with supervised("exit 3", "exec sleep 1000") as process:
        assert "ended with status 3 8 times" in line(process, "giving up")
        assert process.wait(timeout=20) == 1


def test_the_rest_goes_on_without_an_optional_one() -> None:
    with supervised(": optional; exit 3", "exec sleep 1000") as process:
        assert "p0 ended with status 3 8 times" in line(process, "giving up")
        process.send_signal(signal.SIGTERM)
        assert "stopping" in line(process, "serve")  # only now
        assert process.wait(timeout=20) == 0


def test_a_program_is_told_what_is_for_it_alone() -> None:
    telling = "echo number $NUMBER; exec sleep 1000"
    with supervised(telling, telling) as process:
        said = {line(process, "number").rpartition("| ")[2] for _ in range(2)}
    assert said == {"number 0", "number 1"}


def test_sigterm_ends_every_program_and_what_they_left_behind() -> None:
    orphan = "setsid sleep 1000 & echo orphan $!; exec sleep 1000"
    with supervised(orphan) as process:
        pid = int(line(process, "orphan").split()[-1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not is_alive(pid)


def test_a_program_deaf_to_sigterm_is_killed_after_the_grace() -> None:
    with supervised("trap '' TERM; echo deaf $$; while :; do sleep 1; done") as process:
        pid = int(line(process, "deaf").split()[-1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not is_alive(pid)


def test_what_a_dead_program_left_behind_is_ended_at_once() -> None:
    leaving = "setsid sleep 1000 & echo left $!; exit 0"
    with supervised(f"{leaving}") as process:
        pid = int(line(process, "left").split()[-1])
        line(process, "starting it again")
        line(process, "left")
        assert not is_alive(pid)


def test_lines_carry_the_name_of_their_program() -> None:
    with supervised(
        "echo from one; exec sleep 1000", "echo from two; exec sleep 1000"
    ) as process:
        assert "p0     | from one" in line(process, "from one")
    with supervised("exec sleep 1000", "echo from two; exec sleep 1000") as process:
        assert "p1     | from two" in line(process, "from two")


def test_last_words_without_a_newline_are_printed() -> None:
    with supervised("printf 'last words'; exit 1") as process:
        assert "p0" in line(process, "last words")
