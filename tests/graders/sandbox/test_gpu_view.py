"""What a runner with a GPU sees of the kernel, in bubblewrap; the GPU is missing."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from graders.runner import driver_files
from graders.sandbox import launch
from graders.sandbox.gpu import Gpu

CARD = Gpu(1, "GPU-5a1c", "NVIDIA L4")
_ENTRY = """
import sys
sys.path[:0] = ["/site", "/grader"]
import os, socket
uid = {arguments}
if uid:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
from runner import dumpable, isolate
from runner.clone import clone
dumpable.show()
isolate.scrub_environment()
origin = isolate.Origin.here()
_, channel = socket.socketpair()
out, printed = os.pipe()
pid, _ = clone()
if pid == 0:
    isolate.enter(isolate.Limits(memory_mb=256), channel.fileno(), printed, origin)
    exec(sys.argv[1])
    os._exit(0)
os.close(printed)
while data := os.read(out, 1 << 16):
    os.write(1, data)
"""
_LOOK = """
import ctypes, json, mmap, threading

def attempt(work):
    try:
        work()
    except (OSError, MemoryError) as error:
        return type(error).__name__

def name_a_thread():
    thread.ident and libc.pthread_setname_np(ctypes.c_ulong(thread.ident), b"cuda")
    return open(f"/proc/self/task/{thread.native_id}/comm").read()

libc, over = ctypes.CDLL(None), threading.Event()
thread = threading.Thread(target=over.wait)
thread.start()
seen = dict(
    proc=sorted(os.listdir("/proc")),
    one=sorted(os.listdir("/proc/1")),
    system=sorted(os.listdir("/sys")),
    maps="libc" in open("/proc/self/maps").read(),
    named=name_a_thread(),
    writes=[
        attempt(lambda: open(path, "w")) for path in ("/proc/x", "/proc/1/x", "/sys/x")
    ],
    memory_file=attempt(lambda: os.memfd_create("x")),
    reserving=attempt(lambda: mmap.mmap(-1, 1 << 38, mmap.MAP_PRIVATE | 0x4020, 0)),
    taking=attempt(lambda: bytearray(4 << 30)),
    stage=os.listdir("/tmp"),
    variable=os.environ.get("CUDA_VISIBLE_DEVICES"),
)
over.set()
os.write(1, json.dumps(seen).encode())
"""


@pytest.fixture(scope="module")
def seen() -> Any:
    """What a runner finds in a container with a GPU, but for the GPU."""
    argv = [*launch.bubblewrap(_ENTRY, gpu=CARD), _LOOK]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_of_proc_a_runner_sees_what_the_driver_reads_and_itself(seen: Any) -> None:
    shown = {name.partition("/")[0] for name in driver_files.SHOWN["/proc"]}
    assert {"1", "self", "cpuinfo", "meminfo"} <= set(seen["proc"])
    assert set(seen["proc"]) <= {"1", "self", *shown}
    assert seen["one"] == sorted([*driver_files.OF_THE_PROCESS, "exe", "task"])
    assert seen["maps"]


def test_of_sys_a_runner_sees_what_the_driver_reads(seen: Any) -> None:
    assert set(seen["system"]) <= {"devices", "module"}


def test_the_driver_may_name_its_threads(seen: Any) -> None:
    assert seen["named"] == "cuda"


def test_nothing_else_there_can_be_written(seen: Any) -> None:
    assert None not in seen["writes"]
    assert seen["stage"] == []


def test_the_driver_may_reserve_what_nobody_may_take(seen: Any) -> None:
    assert seen["reserving"] is None
    assert seen["memory_file"] is None
    assert seen["taking"] == "MemoryError"


def test_a_runner_is_told_its_device(seen: Any) -> None:
    assert seen["variable"] == CARD.uuid
