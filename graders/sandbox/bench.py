"""How fast the sandbox is and what it occupies: ``python -m graders.sandbox.bench``.

Prints the floor (fork and exit of the frozen zygote, nothing isolated), whole jobs
(fork, isolate, load, one case, kill, reap) and the memory of the processes inside.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from graders.sandbox import launch
from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from graders.sandbox.session import Job

ROUNDS = 50
_FLOOR = """
import gc, os, sys, time
sys.path[:0] = ['/site', '/grader']
from runner import warm
warm.up(); gc.collect(); gc.freeze()
times = []
for _ in range(60):
    start = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    times.append(time.perf_counter() - start)
print(sorted(times)[len(times) // 2] * 1000)
"""
SOURCE = """
import torch

def scale(x, factor):
    return torch.relu(x) * factor
"""


def floor_ms() -> float:
    """Fork and exit of a warm, frozen process in the same container."""
    argv = launch.bubblewrap(entry=_FLOOR.replace("{", "{{").replace("}", "}}"))
    return float(subprocess.run(argv, capture_output=True, check=True).stdout)


def _job(sandbox: ZygoteSandbox) -> None:
    inputs = {
        "call": "scale",
        "args": [torch.randn(64, 64), torch.tensor(2.0)],
        "grad_of": [0],
        "cotangents": [torch.randn(64, 64)],
    }
    with sandbox.runner(Job(SOURCE, None, ("scale",))) as runner:
        assert runner.load().ok
        assert runner.run(inputs).ok


def _times(work: Callable[[], None]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - start))
    return times


def _below(pid: int) -> Iterator[int]:
    """``pid`` and all processes below it."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _below(int(child))


def pss_mb(pid: int) -> float:
    """Proportional memory of a process and all below it."""
    total = 0
    for each in _below(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def main() -> None:
    """Measure and print."""
    print(f"fork and exit of the frozen zygote: {floor_ms():.1f} ms (median)")
    start = time.perf_counter()
    sandbox = open_sandbox("bwrap:")
    assert isinstance(sandbox, ZygoteSandbox)
    try:
        _job(sandbox)
        print(
            f"start of the container, first job:  {time.perf_counter() - start:6.1f} s"
        )
        times = _times(lambda: _job(sandbox))
        slow = statistics.quantiles(times, n=20)[-1]
        print(
            f"whole job: {statistics.median(times):.1f} ms (median), {slow:.1f} (p95)"
        )
        print(f"memory of the container: {pss_mb(sandbox.process_id):.0f} MB (PSS)")
    finally:
        sandbox.close()


if __name__ == "__main__":
    main()
