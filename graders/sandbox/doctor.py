"""Is there a sandbox here, and does it hold? Found out by trying to break it.

Each layer of isolation is probed with submissions that do what the layer should
prevent, and the container once more without the runners' own walls. A layer that is
configured but does not hold is a failed finding like one that is missing; there is no
unsafe mode to fall back to.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path, PurePath

from graders.errors import IsolationRefused, SystemFault
from graders.sandbox import gpu, outer_wall, pool
from graders.sandbox.attack import Attack, Layer
from graders.sandbox.attacks import LAYERS
from graders.sandbox.finding import Finding, judged, renewal
from graders.sandbox.options import ENGINES, Options
from graders.sandbox.session import Job, Outcome, Sandbox
from graders.sandbox.single_use import SingleUseSandbox

TORCH = "2.13"


class Trial:
    """Attacks on one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.alone = isinstance(sandbox, SingleUseSandbox)
        self._known = self._looks() if self.alone else {}

    def judge(self, layer: Layer, url: str) -> Finding:
        """Whether every attack on a layer fails as it should."""
        attacks = layer.attacks[: layer.few] if self.alone else layer.attacks
        tries = [(attack, self._made(attack)) for attack in attacks]
        broken = [(each, got) for each, got in tries if not each.failed(got)]
        detail = f"{len(attacks)} of {len(layer.attacks)} tried"
        if len(layer.attacks) == 1 or broken:
            shown = broken or tries
            detail = "; ".join(attack.described(got) for attack, got in shown)
        return judged(layer.name, not broken, detail, url)

    def _made(self, attack: Attack) -> Outcome:
        known = self._known.get(attack)
        if known is not None and attack.failed(known):
            return known
        return self._submitted([attack])[attack]

    def _looks(self) -> dict[Attack, Outcome]:
        """All that only look around share one of the containers, which cost seconds."""
        found = [layer.attacks[0] for layer in LAYERS if len(layer.attacks) == 1]
        return self._submitted([attack for attack in found if not attack.failures])

    def _submitted(self, attacks: Sequence[Attack]) -> dict[Attack, Outcome]:
        names = {attack: f"attack_{number}" for number, attack in enumerate(attacks)}
        source = "".join(attack.function(name) for attack, name in names.items())
        job = Job(source, None, tuple(names.values()), attacks[0].limits)
        with self.sandbox.runner(job) as runner:
            loaded = runner.load()
            return {
                attack: runner.run({"call": name}) if loaded.ok else loaded
                for attack, name in names.items()
            }


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
        yield from _runtime(kind, url)


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


def _runtime(engine: str, url: str) -> Iterator[Finding]:
    """Whether the engine knows the runtime that is asked for."""
    runtime = Options.of(url).runtime
    if not runtime:
        return
    fix = f"apt-get install -y {PurePath(runtime).name}"
    if engine == "docker":
        argv = ["docker", "info", "--format", "{{json .Runtimes}}"]
        answer = subprocess.run(argv, capture_output=True, text=True, check=False)
        known = f'"{runtime}":' in answer.stdout
        if runtime == "runsc":  # it would look for a network that there is not
            fix += " && runsc install -- --network=none && systemctl restart docker"
    else:
        known = shutil.which(runtime) is not None
    detail = "known" if known else f"{engine} does not know it"
    yield Finding(f"runtime {runtime}", known, detail, "" if known else fix)


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


def walls(url: str, layers: Sequence[Layer] = LAYERS) -> Iterator[Finding]:
    """The container's, then each runner's."""
    try:
        sandbox = pool.open_sandbox(url)
    except SystemFault as error:
        yield Finding("sandbox", False, str(error), _remedy(error, url))
        return
    try:
        yield _mode(sandbox)
        trial = Trial(sandbox)
        yield from outer_wall.look(url, single_use=trial.alone)
        for layer in layers:
            yield trial.judge(layer, url)
    except SystemFault as error:
        yield Finding("sandbox", False, str(error), _remedy(error, url))
    finally:
        sandbox.close()


def _mode(sandbox: Sandbox) -> Finding:
    """Which of the two ways to keep submissions apart is in force."""
    detail = "each runner has namespaces of its own"
    if isinstance(sandbox, SingleUseSandbox):
        why = sandbox.why or "it was asked for"
        detail = f"a container for each submission, {sandbox.spares} warm: {why}"
    return Finding("isolation", True, detail)


def _remedy(error: SystemFault, url: str) -> str:
    """Weaker walls are for who runs the site to choose; nothing falls back to them."""
    kind, _, rest = url.partition(":")
    refused = isinstance(error, IsolationRefused) and gpu.number_in(url) is None
    if refused and kind in ENGINES:
        return f"export SANDBOX='{kind}:{rest.partition('?')[0]}?single_use=1'"
    if isinstance(error, IsolationRefused) and kind == "bwrap":
        return "sysctl -w user.max_user_namespaces=15000"
    return renewal(url)


def diagnose(url: str = "bwrap:") -> list[Finding]:
    """Look at everything grading needs: ten seconds, or as many containers' starts."""
    return [*_tools(url), *walls(url)]
