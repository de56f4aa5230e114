"""How fast the sandbox is and what it occupies: ``python -m graders.sandbox.bench``.

The floor is fork and exit of the frozen zygote, with nothing isolated; the baseline of
a whole job is a fresh container that imports torch for this one submission. Both are
measured in the same run, in turns with what they are compared to.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from graders.sandbox import launch
from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from graders.sandbox.session import Job

Row = dict[str, Any]
ROUNDS = 50
FRESH = 3  # containers that import torch, more than a second each
TOGETHER = 5  # runners at once whose memory is measured
_FLOOR = """
import gc, os, sys, time
sys.path[:0] = ['/site', '/grader']
from runner import hugepages, isolate, warm
warm.up(); isolate.scrub_environment(); gc.collect(); gc.freeze(); hugepages.gather()
for line in sys.stdin:
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    print(1000 * (time.perf_counter() - start), flush=True)
"""
SOURCE = """
import torch

def scale(x, factor):
    return torch.relu(x) * factor
"""
JOB = Job(SOURCE, None, ("scale",))


class Floor:
    """Fork and exit of a process like the zygote, in a container of its own."""

    def __enter__(self) -> Floor:
        argv = launch.bubblewrap(entry=_FLOOR.replace("{", "{{").replace("}", "}}"))
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True)
        self.once()
        return self

    def __exit__(self, *exc: object) -> None:
        self.process.communicate()

    def once(self) -> float:
        """Milliseconds."""
        assert self.process.stdin and self.process.stdout
        print(file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())


def _inputs() -> dict[str, Any]:
    return {
        "call": "scale",
        "args": [torch.randn(64, 64), torch.tensor(2.0)],
        "grad_of": [0],
        "cotangents": [torch.randn(64, 64)],
    }


def _job(sandbox: ZygoteSandbox) -> None:
    with sandbox.runner(JOB) as runner:
        assert runner.load().ok
        assert runner.run(_inputs()).ok


def _ms(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def _fresh() -> None:
    sandbox = _opened()
    try:
        _job(sandbox)
    finally:
        sandbox.close()


def _opened() -> ZygoteSandbox:
    sandbox = open_sandbox("bwrap:")
    assert isinstance(sandbox, ZygoteSandbox)
    return sandbox


def below(pid: int) -> Iterator[int]:
    """``pid`` and all processes below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from below(int(child))


def pss_mb(pid: int) -> float:
    """Proportional memory of a process and all below it."""
    total = 0
    for each in below(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def readiness(sandbox: ZygoteSandbox) -> Iterator[Row]:
    """How soon a runner can take a submission, over the floor."""
    with Floor() as floor:
        rounds = [
            (floor.once(), _forked(sandbox, i), _spare(sandbox)) for i in range(ROUNDS)
        ]
    floors, forked, spare = ([each[i] for each in rounds] for i in range(3))
    least = statistics.median(floors)
    yield _row("fork and exit of the frozen zygote (the floor)", least, "ms")
    for what, times in (("a spare", spare), ("no spare", forked)):
        ratio = statistics.median(times) / least, _p95(times) / least
        what = f"runner ready, {what}, over the floor"
        yield _row(what, ratio[0], "×", at_most=1.5, baseline=least)
        yield _row(f"{what}, p95", ratio[1], "×", at_most=2.5, baseline=least)


def _forked(sandbox: ZygoteSandbox, number: int) -> float:
    """With a limit that no spare was made for."""
    limits = replace(JOB.limits, memory_mb=300 + number)
    return _entering(sandbox, replace(JOB, limits=limits))


def _spare(sandbox: ZygoteSandbox) -> float:
    """With a spare that had the time to isolate itself."""
    _job(sandbox)
    time.sleep(0.05)
    return _entering(sandbox, JOB)


def _entering(sandbox: ZygoteSandbox, job: Job) -> float:
    with ExitStack() as stack:
        return _ms(lambda: stack.enter_context(sandbox.runner(job)))


def whole_jobs(sandbox: ZygoteSandbox) -> Iterator[Row]:
    """A small submission, against a fresh container that imports torch for it."""
    times = [_ms(lambda: _job(sandbox)) for _ in range(ROUNDS)]
    fresh = statistics.median(_ms(_fresh) for _ in range(FRESH))
    took = statistics.median(times)
    yield _row("one small submission, sandbox only", took, "ms")
    yield _row("one small submission, sandbox only, p95", _p95(times), "ms")
    what = "a fresh container + import torch, over that"
    yield _row(what, fresh / took, "×", at_least=80, baseline=fresh)


def memory(sandbox: ZygoteSandbox) -> Iterator[Row]:
    """What each further runner adds."""
    _job(sandbox)
    with ExitStack() as stack:
        sizes = []
        for _ in range(TOGETHER + 1):
            runner = stack.enter_context(sandbox.runner(JOB))
            assert runner.load().ok
            assert runner.run(_inputs()).ok
            sizes.append(pss_mb(sandbox.process_id))
    yield _row("the container with one runner, PSS", sizes[0], "MB")
    added = (sizes[-1] - sizes[0]) / TOGETHER
    yield _row("each further runner at once, PSS", added, "MB", at_most=40)


def soak(sandbox: ZygoteSandbox, count: int) -> Iterator[Row]:
    """What is left of many submissions in a row, in this process and below."""
    for _ in range(20):
        _job(sandbox)
    before = _census(sandbox)
    for _ in range(count):
        _job(sandbox)
    after = _census(sandbox)
    for what, unit, allowed in CENSUS:
        grown = after[what] - before[what]
        what = f"{what}, growth in {count} submissions"
        yield _row(what, grown, unit, at_most=allowed)


CENSUS = (
    ("memory of the grader", "MB", 8),
    ("memory of the container", "MB", 8),
    ("descriptors", "", 0),
    ("processes", "", 0),
    ("mounts", "", 0),
    ("cgroups", "", 0),
)


def _census(sandbox: ZygoteSandbox) -> dict[str, float]:
    """Taken while one runner is asked: all earlier ones are known to be gone."""
    with sandbox.runner(JOB) as runner:
        assert runner.load().ok
        family = [*below(sandbox.process_id)]
        counts = (
            pss_mb(os.getpid()) - pss_mb(sandbox.process_id),
            pss_mb(sandbox.process_id),
            sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in [os.getpid(), *family]),
            len(family),
            len(Path("/proc/self/mounts").read_text().splitlines()),
            sum(len(folders) for _, folders, _ in os.walk("/sys/fs/cgroup")),
        )
    return dict(zip((what for what, _, _ in CENSUS), counts, strict=True))


def _row(what: str, value: float, unit: str, **wanted: float) -> Row:
    """A row of the site's table, see quizsite.bench.rows."""
    return {"what": what, "value": value, "unit": unit, **wanted}


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def measured(rounds: int) -> Iterator[Row]:
    """All of it, in one sandbox."""
    sandbox = _opened()
    try:
        _job(sandbox)
        yield from readiness(sandbox)
        yield from whole_jobs(sandbox)
        yield from memory(sandbox)
        if rounds:
            yield from soak(sandbox, rounds)
    finally:
        sandbox.close()


def main() -> None:
    """Measure and print."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    parser.add_argument("--soak", type=int, default=500, metavar="N")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = list(measured(arguments.soak))
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            print(f"{row['what']:<58}{row['value']:10.2f} {row['unit']}")


if __name__ == "__main__":
    main()
