"""Makes the root of a sandbox image: ``python -m graders.sandbox.rootfs FOLDER``.

A container then shows what bubblewrap shows: the interpreter, the libraries that torch
needs, the runner's own code, and nothing else; no shell, no package manager, no
accounts. Of the system's libraries only those are taken that something here links to.

    python -m graders.sandbox.rootfs root && tar -C root -c . | docker import - IMAGE
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from graders.sandbox.engines import PYTHON
from graders.sandbox.launch import RUNNER, interpreter, library_paths

FOLDERS = ("tmp", "proc", "sys", "dev/shm", "run/sandbox", "etc")
_LINKED = re.compile(r"(?:=> )?(/\S+) \(0x")
_SKIPPED = shutil.ignore_patterns(
    "test", "ensurepip", "idlelib", "tkinter", "_tkinter*", "turtle*"
)


def make(root: Path) -> None:
    """Fill an empty folder.

    Raises:
        SandboxUnavailable: torch is not installed here.
        FileExistsError: the folder is not empty.
    """
    if root.exists() and any(root.iterdir()):
        raise FileExistsError(f"{root} is not empty")
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)  # an engine mounts a tmpfs with the mode it finds
    for top, path in library_paths().items():
        _copy(path, root / "site" / top)
    _copy(RUNNER, root / "grader" / "runner")
    executable, prefix = interpreter()
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = prefix / "lib" / version
    _copy(Path(executable), _inside(root, executable))
    (root / PYTHON.lstrip("/")).symlink_to(executable)
    _copy(library, _inside(root, library), also=("site-packages", "dist-packages"))
    binaries = [_inside(root, executable), *_shared_objects(root)]
    for library in sorted(_linked(binaries)):
        if not library.is_relative_to(root) and not _inside(root, library).exists():
            _copy(library.resolve(), _inside(root, library))


def _inside(root: Path, path: str | Path) -> Path:
    return root / str(path).lstrip("/")


def _copy(source: Path, target: Path, also: tuple[str, ...] = ()) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.is_dir():
        shutil.copy2(source, target)
        return

    def skipped(folder: str, names: list[str]) -> set[str]:
        return _SKIPPED(folder, names) | {name for name in names if name in also}

    shutil.copytree(source, target, ignore=skipped)


def _shared_objects(root: Path) -> Iterator[Path]:
    return (path for path in root.rglob("*.so*") if path.is_file())


def _linked(binaries: Iterable[Path]) -> set[Path]:
    """What the dynamic loader would load for them, itself included."""
    argv = ["ldd", *map(str, binaries)]
    found = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    return {Path(path) for path in _LINKED.findall(found)}


if __name__ == "__main__":
    make(Path(sys.argv[1]))
