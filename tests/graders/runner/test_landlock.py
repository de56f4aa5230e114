"""Landlock holds on its own, apart from the mounts that say the same."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graders.runner import landlock

_CHILD = """
import ctypes, os, sys
from graders.runner import landlock
inside, outside = sys.argv[1:3]
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
landlock.restrict([inside], *map(int, sys.argv[3:]))
with open(inside + "/new", "w") as file:
    file.write("x")
os.rename(inside + "/new", inside + "/newer")
with open("/dev/null", "w") as file:
    file.write("x")
assert open(outside + "/old").read() == "old"
for attempt in (
    lambda: open(outside + "/old", "w"),
    lambda: open(outside + "/new", "w"),
    lambda: os.mkdir(outside + "/folder"),
    lambda: os.unlink(outside + "/old"),
    lambda: os.truncate(outside + "/old", 0),
    lambda: open("/dev/zero", "w"),
    lambda: os.mknod(inside + "/device", 0o20600, 0),
):
    try:
        attempt()
    except PermissionError:
        continue
    sys.exit("it was let through")
print("held")
"""

needs_landlock = pytest.mark.skipif(landlock.ABI < 3, reason="an older kernel")


@needs_landlock
@pytest.mark.parametrize("abi", sorted({3, min(4, landlock.ABI), landlock.ABI}))
def test_only_the_named_folders_can_be_written(tmp_path: Path, abi: int) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "old").write_text("old")
    argv = [sys.executable, "-c", _CHILD, str(inside), str(outside), str(abi)]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("held\n", "")


_HIDING = """
import ctypes, os, sys
from graders.runner import landlock
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
assert os.listdir("/proc")
landlock.restrict([sys.argv[1]], hidden=("/proc", "/sys"))
assert open("/usr/lib/os-release").read()
open(sys.argv[1] + "/new", "w").close()
for attempt in (
    lambda: os.listdir("/proc"),
    lambda: open("/proc/1/environ"),
    lambda: os.listdir("/sys"),
):
    try:
        attempt()
    except PermissionError:
        continue
    sys.exit("it was let through")
print("held")
"""


@needs_landlock
def test_folders_of_the_root_can_be_hidden(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", _HIDING, str(tmp_path)]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("held\n", "")


_WITH_DEVICE = """
import ctypes, sys
from graders.runner import landlock
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
landlock.restrict(sys.argv[1:], devices=["/dev/full"])
with open("/dev/full", "r+b", buffering=0) as device:
    assert device.read(1) == bytes(1)
try:
    open("/dev/zero", "w")
except PermissionError:
    print("held")
"""


@needs_landlock
def test_of_the_devices_only_those_named_can_be_written(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", _WITH_DEVICE, str(tmp_path)]
    ended = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.stderr) == ("held\n", "")


def test_a_kernel_without_it_is_no_obstacle() -> None:
    landlock.restrict(["/tmp"], abi=0)
    Path("/dev/zero").open("w").close()
