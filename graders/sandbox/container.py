"""One running container: envelopes in and out, over whatever link leads there.

Reading and writing share one loop over non-blocking descriptors, for a large input may
be under way to a runner while that runner floods us; whoever insists on writing first
would wait for ever. Arrived envelopes are sorted by runner.
"""

from __future__ import annotations

import os
import selectors
import time
from collections import defaultdict, deque
from typing import Any

import msgpack

from graders.errors import SandboxBroken, SandboxUnavailable
from graders.runner import envelope
from graders.runner.envelope import Envelope, Kind
from graders.sandbox.links import Link

CHUNK = 1 << 20
START_S = 90.0  # importing torch from a cold disk
VERSIONS = ("python", "torch")  # told when it is ready


class Container:
    """A started container; belongs to the process that started it."""

    def __init__(self, link: Link) -> None:
        self.pid = os.getpid()
        self.link = link
        self.forks = 0
        self.facts: dict[str, Any] | None = None
        self.mail: defaultdict[int, deque[Envelope]] = defaultdict(deque)
        self._received, self._outgoing = bytearray(), bytearray()

    def wait_ready(self) -> None:
        """Wait until the zygote has torch.

        Raises:
            SandboxUnavailable: it did not start; the message has its last words.
        """
        if not self.is_ready(START_S):
            self.destroy()
            raise SandboxUnavailable(f"the sandbox was not ready in {START_S} s")

    def is_ready(self, patience_s: float = 0.0) -> bool:
        """Whether the zygote has torch by then.

        Raises:
            SandboxUnavailable: it did not start; the message has its last words.
        """
        if self.facts is None:
            try:
                letter = self.receive(0, time.monotonic() + patience_s)
            except SandboxBroken as error:
                raise SandboxUnavailable(str(error)) from None
            if letter is not None:
                self.facts = msgpack.unpackb(letter.payload)
                self.link.started()
        return self.facts is not None

    @property
    def versions(self) -> dict[str, str]:
        """Of what runs in it; empty until it is ready."""
        return {name: str((self.facts or {}).get(name, "")) for name in VERSIONS}

    def send(self, kind: Kind, runner: int, payload: bytes = b"") -> None:
        """Queue bytes; they leave while the answer is awaited."""
        frames = list(envelope.seal_all(kind, runner, payload))
        self._outgoing += b"".join(frames) or envelope.seal(kind, runner)
        self._turn(0.0)

    def receive(self, runner: int, deadline: float) -> Envelope | None:
        """The next envelope of ``runner``, or None at the deadline.

        Raises:
            SandboxBroken: the container is gone or speaks nonsense.
        """
        while not self.mail[runner]:
            left = deadline - time.monotonic()
            self._turn(max(0.0, left))
            if left <= 0 and not self.mail[runner]:
                return None
        return self.mail[runner].popleft()

    def forget(self, runner: int) -> None:
        self.mail.pop(runner, None)

    def _turn(self, timeout: float) -> None:
        with selectors.PollSelector() as selector:
            selector.register(self.link.source, selectors.EVENT_READ)
            if self._outgoing:
                selector.register(self.link.sink, selectors.EVENT_WRITE)
            ready = {key.fd for key, _ in selector.select(timeout)}
        try:
            if self.link.sink in ready:
                envelope.pour(self._outgoing, self.link.sink)
            if self.link.source in ready:
                self._read()
        except (OSError, ValueError) as error:
            self._break(str(error))

    def _read(self) -> None:
        data = os.read(self.link.source, CHUNK)
        if not data:
            self._break("it ended")
        self._received += data
        for letter in envelope.take(self._received):
            self.mail[letter.runner].append(letter)

    def _break(self, why: str) -> None:
        message = f"the sandbox broke: {why}. {self.link.last_words()}"
        self.destroy()
        raise SandboxBroken(message)

    @property
    def usable(self) -> bool:
        """Ours (not a parent's before a fork) and running."""
        return self.pid == os.getpid() and self.link.alive

    def hang_up(self) -> None:
        """Let it end, without waiting; what is left to do is :meth:`destroy`'s."""
        self.link.close(wait=False)

    def destroy(self) -> None:
        """End the container and everything in it, and wait for that if it is ours."""
        self.link.close(wait=self.pid == os.getpid())
