"""Is there a sandbox here, and does it hold? Found out by trying to break it.

Each layer of isolation is probed with a submission that does what the layer should
prevent. A layer that is configured but does not hold is a failed finding like one
that is missing; there is no unsafe mode to fall back to.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from graders.errors import SystemFault
from graders.sandbox import pool
from graders.sandbox.session import Failure, Job, Outcome, RunnerLimits, Sandbox

LIMITS = RunnerLimits(wall_s=5.0, memory_mb=256)
TORCH = "2.13"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    fix: str = ""  # the exact command, where there is one


@dataclass(frozen=True, slots=True)
class Attack:
    """A submission that must fail in the way named, or return True."""

    name: str
    body: str
    failure: Failure | None = None  # None: it looks around and returns what is right


_LIBC = "import ctypes; libc = ctypes.CDLL(None); "
ATTACKS = (
    Attack("answers a good submission", "return 6 * 7 == 42"),
    Attack(
        "no network: sockets",
        "import socket; socket.socket(socket.AF_INET)",
        Failure.VIOLATION,
    ),
    Attack("no files of the host: /etc/passwd", "open('/etc/passwd')", Failure.RAISED),
    Attack(
        "no files of this project",
        f"open({str(Path(__file__).resolve())!r})",
        Failure.RAISED,
    ),
    Attack(
        "no other processes are seen or reached",
        """
        import os
        try:
            os.kill(-1, 0)
        except ProcessLookupError:
            return os.listdir('/proc') == [] and os.getpid() == 1
        """,
    ),
    Attack(
        "nothing but a small tmpfs is written",
        """
        import os
        for folder in ('/', '/usr/lib', '/site', '/grader/runner', '/dev', '/proc'):
            try:
                open(folder + '/x', 'w')
                return False
            except OSError:
                pass
        size = os.statvfs('/tmp')
        return 0 < size.f_blocks * size.f_frsize <= 64 << 20
        """,
    ),
    Attack(
        "Landlock, where the kernel has it",
        """
        import sys
        if not sys.modules['runner.landlock'].ABI:
            return True
        try:
            open('/dev/zero', 'w')
        except PermissionError:
            return True
        """,
    ),
    Attack(
        "not root, and cannot become it",
        """
        import os
        return os.getresuid() == os.getresgid() == (1000, 1000, 1000)
        """,
    ),
    Attack(
        "no capabilities, and no way to regain any",
        _LIBC
        + "caps = (ctypes.c_uint32 * 6)(); "
        + "libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), caps); "
        + "return not any(caps) and libc.prctl(39, 0, 0, 0, 0) == 1",
    ),
    Attack("no ptrace", _LIBC + "libc.ptrace(16, 1, 0, 0)", Failure.VIOLATION),
    Attack("no namespaces", _LIBC + "libc.unshare(0x10000000)", Failure.VIOLATION),
    Attack(
        "no mounts",
        _LIBC + "libc.mount(b'x', b'/tmp', b'tmpfs', 0, None)",
        Failure.VIOLATION,
    ),
    Attack("no processes", "import os; os.fork()", Failure.RAISED),
    Attack("memory is bounded", "bytearray(1 << 30)", Failure.MEMORY),
    Attack("output is bounded", "while True: print('x' * 999)", Failure.OUTPUT),
)


def _submission(attack: Attack) -> Job:
    lines = attack.body.strip("\n").splitlines() or [attack.body]
    margin = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    body = "\n".join(" " + line[margin:] for line in lines)
    return Job(f"def attack():\n{body}\n", None, ("attack",), LIMITS)


def _try(sandbox: Sandbox, attack: Attack) -> Finding:
    with sandbox.runner(_submission(attack)) as runner:
        outcome = runner.load()
        if outcome.ok:
            outcome = runner.run({"call": "attack"})
    held = outcome.failure is attack.failure and (
        attack.failure is not None or outcome.value["output"] is True
    )
    fix = "" if held else "do not grade here; report this as a fault of the project"
    return Finding(f"sandbox: {attack.name}", held, _describe(outcome), fix)


def _describe(outcome: Outcome) -> str:
    if outcome.failure is None:
        return f"answered in {outcome.wall_ms:.0f} ms"
    words = (outcome.failure.value, outcome.error_type, outcome.error_message)
    return " ".join(word for word in words if word)[:200]


def _tools(url: str) -> Iterator[Finding]:
    version = platform.python_version()
    right = sys.version_info[:2] == (3, 11)
    yield Finding("python", right, version, "" if right else "install Python 3.11")
    try:
        torch = metadata.version("torch")
    except metadata.PackageNotFoundError:
        torch = "not installed"
    found = torch.startswith(TORCH)
    yield Finding("torch", found, torch, "" if found else "make setup")
    kind, _, rest = url.partition(":")
    if kind == "unix":
        yield _socket(Path(rest.removeprefix("//")))
        return
    package = {"bwrap": "bubblewrap", "docker": "docker.io"}.get(kind, kind)
    program = shutil.which(kind)
    fix = "" if program else f"apt-get install -y {package}"
    yield Finding(package, program is not None, program or "not found", fix)
    if kind == "bwrap":
        yield _user_namespaces()
    elif program:
        yield _image(program, rest.partition("?")[0])


def _socket(path: Path) -> Finding:
    fix = "" if path.exists() else "start the sandbox containers, see compose.yaml"
    return Finding("socket", path.exists(), str(path), fix)


def _image(program: str, image: str) -> Finding:
    """Whether the engine answers and has the image."""
    argv = [program, "image", "inspect", "--format", "{{.Id}}", image]
    answer = subprocess.run(argv, capture_output=True, text=True, check=False)
    fix = f"bash .ci/image {Path(program).name} {image}" if answer.returncode else ""
    words = (answer.stdout or answer.stderr).strip()[:200]
    return Finding(f"image {image}", not answer.returncode, words, fix)


# A sysctl, the value that forbids user namespaces to ordinary users, the cure.
_SYSCTLS = (
    ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
    (
        "kernel/unprivileged_userns_clone",
        "0",
        "sysctl -w kernel.unprivileged_userns_clone=1",
    ),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
    ),
)


def _user_namespaces() -> Finding:
    """What the kernel's switches say; the attacks show whether it is so."""
    for name, forbidding, fix in _SYSCTLS:
        path = Path("/proc/sys") / name
        if path.exists() and path.read_text().strip() == forbidding:
            detail = f"{name} is {forbidding}"
            return Finding("user namespaces", False, detail, fix)
    return Finding("user namespaces", True, "allowed")


def attacked(url: str, attacks: Sequence[Attack] = ATTACKS) -> Iterator[Finding]:
    """What came of each attack on a sandbox of that kind."""
    try:
        sandbox = pool.open_sandbox(url)
    except SystemFault as error:
        yield Finding("sandbox", False, str(error), "see above, and the message")
        return
    try:
        for attack in attacks:
            yield _try(sandbox, attack)
    except SystemFault as error:
        yield Finding("sandbox", False, str(error), "see the message")
    finally:
        sandbox.close()


def diagnose(url: str = "bwrap:") -> list[Finding]:
    """Look at everything grading needs; about three seconds."""
    return [*_tools(url), *attacked(url)]
