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

A GPU is the engine's to give: NVIDIA's container toolkit puts the device's files and
the driver's libraries into the container, and no other device's. It is number 0 there.

The end of the client's standard input ends the relay, which is the container's first
process. The name is there so that a container can be removed if even that fails.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

from graders.errors import SandboxUnavailable
from graders.sandbox.launch import UID, command, environment
from graders.sandbox.links import ProcessLink

PROFILE = Path(__file__).with_name("seccomp.json")
PYTHON = "/python"  # where rootfs puts a link to the interpreter
MEMORY = "4g"  # of all runners together; each has a limit of its own
GPU_MEMORY = "8g"  # CUDA's libraries take two of them, and so does a spare runner
PROCESSES = 512
SCRATCH_MB = 64


def start(
    engine: str, image: str, runtime: str = "", gpu: int | None = None
) -> ProcessLink:
    """Run a container of an image that ``graders.sandbox.rootfs`` filled.

    Args:
        engine: ``docker`` or ``podman``.
        runtime: another OCI runtime than the engine's usual one.
        gpu: the number of a device that it is to have.

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
    return ProcessLink([program, *run(engine, image, name, runtime, gpu)], remove)


def run(
    engine: str, image: str, name: str, runtime: str = "", gpu: int | None = None
) -> list[str]:
    """The engine's arguments."""
    argv = ["run", "--interactive", "--rm", "--name", name, "--pull", "never"]
    argv += ["--runtime", runtime] if runtime else []
    argv += ["--network", "none", "--read-only", "--user", f"{UID}:{UID}"]
    argv += ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    argv += ["--security-opt", f"seccomp={PROFILE}"]
    argv += ["--security-opt", "apparmor=unconfined"]
    argv += ["--ipc", "private", "--hostname", "sandbox", "--log-driver", "none"]
    if engine == "podman":  # else it writes one, and makes /var/tmp a shared scratch
        argv += ["--passwd=false", "--read-only-tmpfs=false"]
    argv += _device(engine, gpu)
    memory = MEMORY if gpu is None else GPU_MEMORY
    argv += ["--memory", memory, "--memory-swap", memory]
    argv += ["--pids-limit", str(PROCESSES), "--ulimit", "core=0"]
    argv += ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"]
    argv += ["--tmpfs", f"/tmp:rw,noexec,nosuid,nodev,size={SCRATCH_MB}m"]
    visible = None if gpu is None else "0"  # it is the only one
    for variable, value in environment(visible).items():
        argv += ["--env", f"{variable}={value}"]
    return [*argv, image, *command(PYTHON, 0)]


def _device(engine: str, gpu: int | None) -> list[str]:
    """One device, as docker's own flag or by the container device interface."""
    if gpu is None:
        return []
    if engine == "docker":
        return ["--gpus", f"device={gpu}"]
    # SELinux would else keep the container from the device's files.
    return ["--device", f"nvidia.com/gpu={gpu}", "--security-opt", "label=disable"]
