"""A container for each submission, from a few that are kept warm.

Theory of operation
-------------------
Where the kernel inside a container lets nobody make namespaces (gVisor's; or an
engine's own filter does not) runners would share what they leave: files, processes,
memory of the zygote. So a container serves one submission, behind the walls that it
can have without namespaces, and is thrown away. Importing torch takes seconds, which
nobody should wait for: a bounded number of *spares* has been started before, in the
background, and is filled up whenever a container was used.

To see a container end takes an engine a while. It is let go, and looked after once it
has ended; only if too many linger does anybody wait for the oldest.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from graders.errors import SandboxBroken, SandboxUnavailable
from graders.sandbox.container import Container
from graders.sandbox.links import Link
from graders.sandbox.session import Job
from graders.sandbox.zygote_runner import ZygoteRunner

LINGERING = 4  # containers that have not yet ended


class SingleUseSandbox:
    """Warm containers, each good for one runner; see session.Sandbox."""

    def __init__(
        self,
        connect: Callable[[], Link],
        spares: int,
        kind: Mapping[str, str],
        why: str = "",
    ) -> None:
        """Start the spares.

        Args:
            why: what keeps containers of this kind from serving many.
        """
        self.why, self.spares, self.facts = why, spares, kind
        self._connect = connect
        self._lock = threading.Lock()
        self._warm: deque[Container] = deque()
        self._lingering: deque[Container] = deque()
        self._fill_up()

    @contextmanager
    def runner(self, job: Job) -> Iterator[ZygoteRunner]:
        runner = self._start(job)
        self.facts = {**self.facts, **runner.container.versions}
        try:
            yield runner
        finally:
            self._throw_away(runner.container)
            with suppress(SandboxUnavailable):  # told to who needs the next one
                self._fill_up()

    def _start(self, job: Job) -> ZygoteRunner:
        """A runner in a spare, or in a new container.

        A spare that is found dead is passed over: it has seen nothing of the job.
        """
        while spare := self._take_spare():
            try:
                return _only_runner(spare, job)
            except (SandboxBroken, SandboxUnavailable):
                self._throw_away(spare)
        fresh = Container(self._connect())
        try:
            return _only_runner(fresh, job)
        except BaseException:
            self._throw_away(fresh)
            raise

    def _take_spare(self) -> Container | None:
        """One that is ready if there is any, else the first that will be."""
        with self._lock:
            ready = [spare for spare in self._warm if _is_ready(spare)]
            for dead in [spare for spare in self._warm if not spare.usable]:
                self._warm.remove(dead)
                dead.destroy()
            if not self._warm:
                return None
            taken = ready[0] if ready else self._warm[0]
            self._warm.remove(taken)
            return taken

    def _fill_up(self) -> None:
        """Start what is missing; it becomes ready while nobody waits."""
        with self._lock:
            while len(self._warm) < self.spares:
                self._warm.append(Container(self._connect()))

    def _throw_away(self, container: Container) -> None:
        container.hang_up()
        with self._lock:
            self._lingering.append(container)
            ended = [each for each in self._lingering if not each.usable]
            excess = list(self._lingering)[:-LINGERING]
        for each in {*ended, *excess}:
            self._bury(each)

    def _bury(self, container: Container) -> None:
        container.destroy()
        with self._lock:
            if container in self._lingering:
                self._lingering.remove(container)

    def close(self) -> None:
        with self._lock:
            left = [*self._warm, *self._lingering]
            self._warm.clear()
            self._lingering.clear()
        for container in left:  # together first: each takes its time to end
            container.hang_up()
        for container in left:
            container.destroy()


def _is_ready(container: Container) -> bool:
    try:
        return container.is_ready()
    except SandboxUnavailable:  # it is dead
        return False


def _only_runner(container: Container, job: Job) -> ZygoteRunner:
    container.wait_ready()
    runner = ZygoteRunner(container, 1, job.limits.memory_mb)
    runner.fork()
    runner.adopt(job)
    return runner
