"""Containers that docker or podman runs for us.

Theory of operation
-------------------
The container is the outer wall: no network, a read-only root that holds nothing but
the interpreter and its libraries, an ordinary user, no capabilities and no way to gain
any, bounded memory and processes, and a system call filter of its own. The runner's
namespaces and its stricter filter are the inner wall; to build them the zygote needs
``clone`` with namespace flags and ``mount``, which an engine's default filter forbids
and ``seccomp.json`` here allows. Inside a user namespace that has no privilege outside
it they give nothing away. For the same reason AppArmor's default profile, which denies
every mount, is not used.

Where the kernel refuses namespaces in a container (gVisor's does) it serves a single
submission. Then it needs no right to make any, and the engine's own filter and
AppArmor's profile stay in force. It starts as root with the right to become somebody
else, and at once relay and runner are two other users; the runner's uid is one that no
other container has, for the kernel counts processes by it.

A GPU is the engine's to give: NVIDIA's container toolkit puts the device's files and
the driver's libraries into the container, and no other device's. It is number 0 there.

The end of the client's standard input ends the relay, which is the container's first
process. The name is there so that a container can be removed if even that fails.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path, PurePath

from graders.errors import SandboxUnavailable
from graders.sandbox.launch import ENTRY, UID, command, environment
from graders.sandbox.links import ProcessLink

PROFILE = Path(__file__).with_name("seccomp.json")
PYTHON = "/python"  # where rootfs puts a link to the interpreter
MEMORY = "4g"  # of all runners together; each has a limit of its own
GPU_MEMORY = "8g"  # CUDA's libraries take two of them, and so does a spare runner
PROCESSES = 512
CORES = 2  # at most, however many threads a submission starts
SCRATCH_MB = 64
INSPECT_S = 10.0
_SCRATCH = "rw,noexec,nosuid,nodev"
_SINGLE_USE_SCRATCH = f"{_SCRATCH},size=32m,mode=1777"  # as a runner's own elsewhere
_SINGLE_USE_UIDS = 3000  # below UID


def start(
    engine: str,
    image: str,
    runtime: str = "",
    gpu: int | None = None,
    *,
    single_use: bool = False,
) -> ProcessLink:
    """Run a container of an image that ``graders.sandbox.rootfs`` filled.

    Args:
        engine: ``docker`` or ``podman``.
        runtime: another OCI runtime than the engine's usual one.
        gpu: the number of a device that it is to have.
        single_use: for one runner, which cannot have namespaces of its own.

    Raises:
        SandboxUnavailable: the engine is not installed, or no image is named.
    """
    program = shutil.which(engine)
    if program is None:
        raise SandboxUnavailable(f"{engine} is not installed: apt-get install {engine}")
    if not image:
        raise SandboxUnavailable(f"name the image: {engine}:IMAGE")
    name = f"quizsite-{secrets.token_hex(8)}"
    remove = [program, "rm", "--force", name]
    argv = run(engine, image, name, runtime, gpu, single_use=single_use)
    return ProcessLink([program, *argv], remove)


def digest(engine: str, image: str) -> str:
    """The image's own digest; empty where the engine does not say."""
    argv = [engine, "image", "inspect", "--format", "{{.Id}}", image]
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, check=False, timeout=INSPECT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def run(
    engine: str,
    image: str,
    name: str,
    runtime: str = "",
    gpu: int | None = None,
    *,
    single_use: bool = False,
    entry: str = ENTRY,
) -> list[str]:
    """The engine's arguments; ``entry`` is what the interpreter runs inside."""
    argv = ["run", "--interactive", "--rm", "--name", name, "--pull", "never"]
    argv += _runtime(engine, runtime) if runtime else []
    argv += ["--network", "none", "--read-only", "--cap-drop", "ALL"]
    argv += ["--security-opt", "no-new-privileges"]
    argv += ["--hostname", "sandbox", "--log-driver", "none"]
    argv += _alone(engine) if single_use else _with_nested_walls()
    if engine == "podman":  # else it writes one, and makes /var/tmp a shared scratch
        argv += ["--passwd=false", "--read-only-tmpfs=false"]
    argv += _device(engine, gpu)
    memory = MEMORY if gpu is None else GPU_MEMORY
    argv += ["--memory", memory, "--memory-swap", memory]
    if engine == "docker" or os.geteuid() == 0:  # users are seldom given that right
        argv += ["--cpus", str(min(CORES, os.cpu_count() or 1))]
    argv += ["--pids-limit", str(PROCESSES), "--ulimit", "core=0"]
    argv += ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]
    visible = None if gpu is None else "0"  # it is the only one
    for variable, value in environment(visible).items():
        argv += ["--env", f"{variable}={value}"]
    arguments = f"{UID}, single_use={_another_uid()}" if single_use else "0"
    return [*argv, image, *command(PYTHON, arguments, entry)]


def _another_uid() -> int:
    return UID - 1 - secrets.randbelow(_SINGLE_USE_UIDS)


def _runtime(engine: str, runtime: str) -> list[str]:
    """gVisor's must be told that there is no network; docker's daemon tells it."""
    argv = ["--runtime", runtime]
    if engine == "podman" and PurePath(runtime).name.startswith("runsc"):
        argv += ["--runtime-flag", "network=none"]
    return argv


def _with_nested_walls() -> list[str]:
    """Runners are to make namespaces in it, and to mount."""
    argv = ["--user", f"{UID}:{UID}", "--ipc", "private"]
    argv += ["--security-opt", f"seccomp={PROFILE}"]
    argv += ["--security-opt", "apparmor=unconfined"]
    return [*argv, "--tmpfs", f"/tmp:{_SCRATCH},size={SCRATCH_MB}m"]


def _alone(engine: str) -> list[str]:
    """One runner, and what it would otherwise make for itself."""
    files = (
        ",nr_inodes=4096" if engine == "docker" else ""
    )  # podman knows no such limit
    argv = ["--user", "0:0", "--cap-add", "SETUID", "--cap-add", "SETGID"]
    argv += ["--ipc", "none"]
    for folder in ("/tmp", "/dev/shm"):
        argv += ["--tmpfs", f"{folder}:{_SINGLE_USE_SCRATCH}{files}"]
    return argv


def _device(engine: str, gpu: int | None) -> list[str]:
    """One device, as docker's own flag or by the container device interface."""
    if gpu is None:
        return []
    if engine == "docker":
        return ["--gpus", f"device={gpu}"]
    # SELinux would else keep the container from the device's files.
    return ["--device", f"nvidia.com/gpu={gpu}", "--security-opt", "label=disable"]
