"""Argument vectors that start a container speaking envelopes on its stdin and stdout.

Theory of operation
-------------------
The container sees a world with nothing in it but the interpreter, the libraries that
torch needs and ``graders/runner``, all read-only; no network, no home, no ``/etc``.
Libraries are found by an allow-list, the closure of what the runner imports, so
neither the site nor the exercises can be seen even where they are installed beside
torch. Everything is named by argument; no shell is involved.

With a GPU that world also holds the device files of this one device, the driver's own
libraries where they are not among the system's, and the few files of ``/sys`` that the
driver reads (``gpu``).

Two ways to the same world. An ordinary user gets it through a user namespace. Root
sets it up as root and becomes an unprivileged user inside: a runner cloned from
root would be exempt from ``RLIMIT_NPROC``, which the kernel does not apply to root.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib import metadata
from pathlib import Path

from graders.errors import SandboxUnavailable
from graders.sandbox import gpu as gpus
from graders.sandbox.gpu import Gpu

RUNNER = Path(__file__).resolve().parent.parent / "runner"
DISTRIBUTIONS = ("torch", "numpy", "safetensors", "msgpack")
UID = 64321  # what root becomes; nobody else's
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    # A second thread at the fork would be copied with its locks held.
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    # Each further malloc arena takes 64 MB of the address space that is bounded.
    "MALLOC_ARENA_MAX": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "TORCHINDUCTOR_CACHE_DIR": "/tmp",  # made at import, and this one is there
}
ENTRY = (
    "import sys; sys.path[:0] = ['/site', '/grader']; "
    "from runner.relay import main; main({arguments})"
)
_DEVICES = ("null", "zero", "random", "urandom")
# Made first: the folders that bubblewrap makes on its way may be closed to others.
_ROOTS = [
    word
    for top in ("usr", "etc", "dev", "site", "grader")
    for word in ("--dir", f"/{top}")
]


_REQUIREMENT = re.compile(r"([\w.-]+)\s*(?:\[([^\]]*)\])?")  # name, extras
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
Wanted = tuple[str, frozenset[str]]  # a distribution, and which of its extras


def _wanted(requirement: str) -> Wanted:
    """torch built for CUDA asks for ``cuda-toolkit[cublas,cudart,…]``."""
    match = _REQUIREMENT.match(requirement)
    assert match, requirement
    extras = frozenset(_canonical(word) for word in (match[2] or "").split(",") if word)
    return _canonical(match[1]), extras


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


def _requirements(name: str, extras: frozenset[str]) -> list[Wanted]:
    """What a distribution needs with these extras, and no others."""
    needed = []
    for line in metadata.distribution(name).requires or []:
        marked = _EXTRA.search(line)
        if marked is None or _canonical(marked[1]) in extras:
            needed.append(_wanted(line))
    return needed


def _closure() -> set[str]:
    found: set[Wanted] = set()
    todo = [_wanted(name) for name in DISTRIBUTIONS]
    while todo:
        wanted = todo.pop()
        if wanted in found:
            continue
        try:
            todo += _requirements(*wanted)
        except metadata.PackageNotFoundError:
            continue  # for another platform
        found.add(wanted)
    return {name for name, _ in found}


def library_paths() -> dict[str, Path]:
    """Top-level names of the libraries a runner may import, and where they are."""
    paths: dict[str, Path] = {}
    for name in sorted(_closure()):
        distribution = metadata.distribution(name)
        tops = {file.parts[0] for file in distribution.files or ()}
        for top in tops - {"..", "__pycache__", "bin"}:
            if not top.endswith((".dist-info", ".pth")):
                paths[top] = Path(str(distribution.locate_file(top)))
    if "torch" not in paths:
        raise SandboxUnavailable("torch is not installed here: pip install torch")
    return paths


def interpreter() -> tuple[str, Path]:
    """The executable behind this one, and the prefix of its library."""
    executable = getattr(sys, "_base_executable", sys.executable)
    return os.path.realpath(executable), Path(sys.base_prefix)


def _folders(path: str) -> list[str]:
    """Make the folders above ``path``, open to all."""
    above = [str(parent) for parent in reversed(Path(path).parents)]
    return [word for folder in above[1:] for word in ("--dir", folder)]


def _library_folders() -> list[str]:
    return list(dict.fromkeys(("/usr/lib", "/usr/lib64", f"{interpreter()[1]}/lib")))


def _system() -> list[str]:
    """The C library and the interpreter, where they always are."""
    executable, prefix = interpreter()
    argv = _folders(f"{prefix}/lib")
    for folder in _library_folders():
        argv += ["--ro-bind-try", folder, folder]
    for link in ("/lib", "/lib64"):
        if os.path.islink(link):
            argv += ["--symlink", os.readlink(link), link]
        else:
            argv += ["--ro-bind-try", link, link]
    argv += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    argv += [*_folders(executable), "--ro-bind", executable, executable]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for name in ("site-packages", "dist-packages"):
        folder = f"{prefix}/lib/{version}/{name}"
        if os.path.isdir(folder):  # the project may be installed there
            argv += ["--tmpfs", folder, "--remount-ro", folder]
    return argv


def _driver(gpu: Gpu) -> list[str]:
    """One device, and what its driver needs of the host."""
    shown = [*_library_folders(), "/lib", "/lib64"]
    argv = []
    for path in gpu.files:
        argv += ["--dev-bind", path, path]
    for path in (*gpus.hidden(gpus.libraries(), shown), *gpus.SYSTEM_FILES):
        argv += [*_folders(path), "--ro-bind-try", path, path]
    return argv


def _world(gpu: Gpu | None) -> list[str]:
    """All that can be seen inside."""
    argv = [*_ROOTS, *_system(), *(_driver(gpu) if gpu else [])]
    for top, path in library_paths().items():
        argv += ["--ro-bind", str(path), f"/site/{top}"]
    argv += ["--ro-bind", str(RUNNER), "/grader/runner", "--proc", "/proc"]
    for device in _DEVICES:
        argv += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    return [*argv, "--dir", "/dev/shm", "--dir", "/tmp", "--remount-ro", "/"]


def _can_become(uid: int) -> bool:
    """Whether root here may become ``uid`` (a rootless container maps few)."""
    if os.geteuid() != 0:
        return False
    ranges = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()
    return any(
        int(inside) <= uid < int(inside) + int(count)
        for inside, _, count in map(str.split, ranges)
    )


def bubblewrap(entry: str = ENTRY, *, gpu: Gpu | None = None) -> list[str]:
    """The embedded default.

    Args:
        entry: what the interpreter runs inside; ``{arguments}`` are the relay's.
        gpu: a device that can be used inside.

    Raises:
        SandboxUnavailable: bubblewrap or torch is not installed.
    """
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable(
            "bubblewrap is not installed: apt-get install bubblewrap"
        )
    as_root = _can_become(UID)
    argv = [program, "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    argv += ["--unshare-net", "--unshare-cgroup-try", "--cap-drop", "ALL"]
    if as_root:
        argv += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        argv += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    argv += ["--die-with-parent", "--new-session", "--hostname", "sandbox"]
    argv += ["--clearenv"]
    # By its own name: of several devices only this one's file is there.
    visible = (gpu.uuid or "0") if gpu else None
    for name, value in environment(visible).items():
        argv += ["--setenv", name, value]
    python = command(interpreter()[0], str(UID if as_root else 0), entry)
    return [*argv, *_world(gpu), "--chdir", "/", "--", *python]


def environment(visible: str | None) -> dict[str, str]:
    """The container's variables; ``visible`` names its device, if it has one."""
    return ENVIRONMENT | (gpus.environment(visible) if visible else {})


def command(python: str, arguments: str, entry: str = ENTRY) -> list[str]:
    """What runs inside; ``arguments`` are those of ``graders.runner.relay.main``."""
    return [python, "-I", "-S", "-B", "-c", entry.format(arguments=arguments)]
