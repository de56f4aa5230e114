"""A warm zygote, and runners from it: the sandbox as the pipeline uses it.

Theory of operation
-------------------
Nobody waits for what can be done meanwhile. While one submission's report is written
the next runner is forked and isolates itself, a *spare* that has seen no submission;
one that was killed is gone by the time the next is asked for, and only then is that
made sure of. The zygote is replaced when it breaks and after a bounded number of
forks, by one that was started before it is needed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from graders.errors import IsolationRefused, SandboxBroken, SandboxUnavailable
from graders.sandbox import engines, gpu, launch
from graders.sandbox.container import Container
from graders.sandbox.gpu_sandbox import GpuSandbox
from graders.sandbox.links import Link, ProcessLink, SocketLink
from graders.sandbox.options import Options
from graders.sandbox.session import Job, Sandbox
from graders.sandbox.single_use import SingleUseSandbox
from graders.sandbox.zygote_runner import ZygoteRunner

logger = logging.getLogger(__name__)

MAX_FORKS = 2000
KINDS = {"bwrap": "bubblewrap", "unix": "container behind a socket"}
_NOTHING = Job(source="", probe=None, requires=())


class ZygoteSandbox:
    """One container, one caller at a time; see session.Sandbox."""

    def __init__(
        self, connect: Callable[[], Link], max_forks: int, kind: Mapping[str, str]
    ) -> None:
        self._connect, self._max_forks, self._kind = connect, max_forks, kind
        self._lock = threading.RLock()
        self._number = self._open = 0
        self._container: Container | None = Container(connect())
        self._successor: Container | None = None
        self._spare: ZygoteRunner | None = None
        self._killed: list[ZygoteRunner] = []  # and not yet seen to be gone

    @contextmanager
    def runner(self, job: Job) -> Iterator[ZygoteRunner]:
        with self._lock:
            runner = self._start(job)
            self._open += 1
            try:
                yield runner
            finally:
                self._open -= 1
                self._dismiss(runner)

    def _start(self, job: Job, tries: int = 2) -> ZygoteRunner:
        """A started runner; a zygote found dead is replaced once, unnoticed.

        That is safe because nothing of the submission has run yet.
        """
        container = self._ready()
        try:
            runner = self._take_spare(job) or self._fork(container, job)
            self._bury()
            runner.adopt(job)
        except SandboxBroken:
            container.destroy()
            if tries == 1:
                raise
            return self._start(job, tries - 1)
        return runner

    def _take_spare(self, job: Job) -> ZygoteRunner | None:
        """The spare, if it is such as the job needs."""
        spare, self._spare = self._spare, None
        if spare is None or not spare.container.usable:
            return None
        if spare.memory_mb != job.limits.memory_mb:
            spare.kill()
            self._killed.append(spare)
            return None
        return spare

    def _fork(self, container: Container, job: Job) -> ZygoteRunner:
        self._number += 1
        container.forks += 1
        runner = ZygoteRunner(container, self._number, job.limits.memory_mb)
        runner.fork()
        return runner

    def _dismiss(self, runner: ZygoteRunner) -> None:
        """Kill it; nobody waits for its end, nor later for the next one's start."""
        container = runner.container
        if not container.usable:
            return
        try:
            runner.kill()
            self._killed.append(runner)
            self._prepare(container, runner.job)
        except SandboxBroken:  # what it answered is known, and remains true
            container.destroy()

    def _prepare(self, container: Container, job: Job) -> None:
        """A spare for another job of this kind, or a successor of its zygote."""
        if container.forks >= self._max_forks:
            self._successor = self._successor or Container(self._connect())
        elif self._spare is None:
            self._spare = self._fork(container, job)

    def _bury(self) -> None:
        """Make sure that whatever was killed is gone."""
        while self._killed:
            runner = self._killed.pop()
            if runner.container.usable:
                runner.end()

    def _ready(self) -> Container:
        """A container that may fork once more."""
        if self._container is None or not self._container.usable:
            self._replace(self._usable_successor() or Container(self._connect()))
        elif (
            not self._open
            and (successor := self._usable_successor())
            and successor.is_ready()
        ):
            self._replace(successor)
        assert self._container
        self._container.wait_ready()
        return self._container

    def _usable_successor(self) -> Container | None:
        if self._successor is not None and not self._successor.usable:
            self._successor.destroy()
            self._successor = None
        return self._successor

    def _replace(self, container: Container | None) -> None:
        """End the present container and all that is below it."""
        if self._container is not None:
            self._container.destroy()
        if container is self._successor:
            self._successor = None
        self._container, self._spare = container, None
        self._killed.clear()

    def refusal(self) -> str:
        """What keeps runners from isolating themselves here; nothing: they do."""
        try:
            with self.runner(_NOTHING):
                return ""
        except IsolationRefused as refused:
            return str(refused)

    @property
    def facts(self) -> Mapping[str, str]:
        versions = self._container.versions if self._container else {}
        return {**self._kind, **versions}

    @property
    def process_id(self) -> int:
        """The container's outermost process, which must be one of ours."""
        with self._lock:
            pid = self._ready().link.process_id
        assert pid is not None
        return pid

    def close(self) -> None:
        with self._lock:
            self._replace(self._successor)
            self._replace(None)


def open_sandbox(url: str, *, max_forks: int = MAX_FORKS) -> Sandbox:
    """Start, or connect to, the sandbox that ``url`` names.

    ``bwrap:`` is the embedded default; ``docker:IMAGE`` and ``podman:IMAGE`` start a
    container of that image, with ``?runtime=runsc`` by another runtime than usual;
    ``unix:///PATH`` connects to a socket, or to any socket of a folder, behind which
    ``graders.runner.listen`` runs in a container that somebody else started.
    ``?gpu=N`` gives any of them the device of that number; behind a socket it must
    have been given one already.

    ``?single_use=1`` has an engine start a container for each submission, of which
    ``spares=N`` wait warm; with gVisor's runtime so does a kernel that was found to
    let runners not isolate themselves. No other kind ever falls back to that, nor
    does one that has a GPU.

    Raises:
        SandboxUnavailable: there is no such kind, or it cannot be had here.
    """
    number, options, kind = gpu.number_in(url), Options.of(url), kind_of(url)
    if not options.single_use:
        sandbox = ZygoteSandbox(connector(url), max_forks, kind)
        if number is not None:
            return GpuSandbox(sandbox, number)
        if options.single_use is False or not (why := sandbox.refusal()):
            return sandbox
        sandbox.close()
        logger.warning("%s: one container for each submission, as %s", url, why)
    else:
        why = ""
    connect = connector(url, single_use=True)
    return SingleUseSandbox(connect, options.spares, kind, why)


def kind_of(url: str) -> dict[str, str]:
    """What a report says of where it was made; an image by its digest."""
    parts = urlsplit(url)
    image = ""
    if parts.scheme in ("docker", "podman"):
        image = engines.digest(parts.scheme, parts.path) or parts.path
    return {"sandbox": KINDS.get(parts.scheme, parts.scheme), "image": image}


@contextmanager
def opened(url: str) -> Iterator[Sandbox | None]:
    """A sandbox that is closed afterwards; none where no URL names one.

    Raises:
        SandboxUnavailable: as `open_sandbox` does.
    """
    with ExitStack() as stack:
        yield stack.enter_context(closing(open_sandbox(url))) if url else None


def connector(url: str, *, single_use: bool = False) -> Callable[[], Link]:
    """How to get to a sandbox of that kind, as often as one is needed.

    Raises:
        SandboxUnavailable: there is no such kind, or its tools are not installed.
    """
    parts, number = urlsplit(url), gpu.number_in(url)
    match parts.scheme:
        case "bwrap":
            device = None if number is None else gpu.device(number)
            return lambda: ProcessLink(launch.bubblewrap(gpu=device))
        case "docker" | "podman" as engine:
            runtime = Options.of(url).runtime
            return lambda: engines.start(
                engine, parts.path, runtime, number, single_use=single_use
            )
        case "unix":
            return lambda: SocketLink(Path(parts.path))
    raise SandboxUnavailable(
        f"no sandbox of the kind {parts.scheme!r}: use bwrap:, docker:IMAGE, "
        "podman:IMAGE or unix:///PATH"
    )
