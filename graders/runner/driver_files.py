"""What a runner with a GPU sees of ``/proc`` and ``/sys``: what its driver reads.

Theory of operation
-------------------
Other runners find both covered by empty folders. CUDA will not start so: it reads how
the kernel's module was loaded, and writes the names of its own threads, and takes a
refusal of either for a broken system (error 304). A whole ``/proc`` would show the
zygote and more than one knob of this process; that of an own pid namespace cannot be
mounted where the container's is masked, as engines do. So a small one is built of what
is needed: the files of :data:`SHOWN`, this process's own few, and for the names of
threads plain files in a folder that may be written to, which nobody reads.

Which files those are has been gathered from reports about other sandboxes (NVIDIA's
OpenShell, issues 1486 and 710; nono, pull requests 651 and 673; bubblejail, issue 123;
firejail, issue 6372); it has not been tried on a GPU. A file that is not there is left
out: it is another driver's, or another kernel's.
"""

from __future__ import annotations

import os

from . import mounts

SHOWN = {
    "/proc": (
        "cpuinfo",
        "devices",
        "driver/nvidia",
        "driver/nvidia-uvm",
        "meminfo",
        "modules",
        "sys/vm/mmap_min_addr",
        "sys/vm/overcommit_memory",
    ),
    "/sys": (
        "devices/system/cpu",
        "devices/system/memory",
        "devices/system/node",
        "module/nvidia/initstate",
        "module/nvidia_uvm/initstate",
    ),
}
OF_THE_PROCESS = ("cmdline", "maps", "stat", "status")
NAMES = "/proc/1/task"  # ./<thread id>/comm; this process is number one
THREADS = 128  # more are not named, which the driver does while it starts

_STAGE = "/tmp/stage"


def show() -> None:
    """Cover ``/proc`` and ``/sys``, but for these files.

    Raises:
        OSError: the kernel refuses.
    """
    os.mkdir(_STAGE)
    for root, names in SHOWN.items():
        if os.path.isdir(root):
            mounts.tmpfs(_STAGE, 1)
            for name in names:
                _show(f"{root}/{name}", f"{_STAGE}/{name}")
            if root == "/proc":
                _own_process()
            mounts.seal(_STAGE)
            mounts.move(_STAGE, root)
    os.rmdir(_STAGE)


def _show(source: str, target: str) -> None:
    if not os.path.exists(source):
        return
    if os.path.isdir(source):
        os.makedirs(target)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _touch(target)
    mounts.bind(source, target)


def _own_process() -> None:
    """Its own folder, by number and as ``self``; threads' names in another mount."""
    names = f"{_STAGE}{NAMES.removeprefix('/proc')}"
    os.makedirs(names)
    os.symlink("1", f"{_STAGE}/self")
    os.symlink(os.readlink("/proc/self/exe"), f"{_STAGE}/1/exe")
    for name in OF_THE_PROCESS:
        _show(f"/proc/self/{name}", f"{_STAGE}/1/{name}")
    mounts.tmpfs(names, 1)
    for thread in range(1, THREADS + 1):
        os.mkdir(f"{names}/{thread}")
        _touch(f"{names}/{thread}/comm")


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
