"""The process that has torch imported and forks runners.

Theory of operation
-------------------
``import torch`` costs more than a second, a copy of a process that has done it costs
milliseconds. So the zygote imports torch once, warms what is safe to warm, freezes
the garbage collector (a collection in a child would else copy every page), gathers
its memory in huge pages (a copy has one entry for what would be 512) and waits.
For each order from the relay it makes one ``clone``; it holds no submission, no
input and no output, ever, because a runner is a copy of its memory.

What must not happen before the fork: a second thread (its locks would be copied in
whatever state they are), autograd's engine, any call of ``torch.cuda``. The first and
the last would be found out too late, so the zygote looks for them and does not start.
"""

from __future__ import annotations

import gc
import os
import select
import socket
import sys

import msgpack

from . import device, envelope, hugepages, isolate, serve, warm
from .clone import clone, thread_count
from .envelope import Kind


class Zygote:
    """Takes orders, reports ends."""

    single_use = False  # see disposable

    def __init__(self, relay: socket.socket) -> None:
        self.relay = relay
        self.origin = isolate.Origin.here()
        self.runners: dict[int, tuple[int, int]] = {}  # pidfd -> runner, pid

    def run(self) -> None:
        facts = {**warm.facts(), "single_use": self.single_use}
        self._tell(Kind.READY, 0, msgpack.packb(facts))
        while True:
            poller = select.poll()
            for fd in (self.relay.fileno(), *self.runners):
                poller.register(fd, select.POLLIN)
            for fd, _ in poller.poll():
                if fd != self.relay.fileno():
                    self._reap(fd)
                elif not self._obey():
                    return

    def _tell(
        self, kind: Kind, runner: int, payload: bytes = b"", fds: tuple[int, ...] = ()
    ) -> None:
        socket.send_fds(self.relay, [envelope.seal(kind, runner, payload)], fds)

    def _obey(self) -> bool:
        note, fds, _, _ = socket.recv_fds(self.relay, 1 << 16, 2)
        for _, runner, payload in envelope.take(bytearray(note)):
            self._spawn(runner, isolate.Limits(**msgpack.unpackb(payload)), fds)
        return bool(note)

    def _spawn(self, runner: int, limits: isolate.Limits, fds: list[int]) -> None:
        channel, printed = fds
        try:
            pid, pidfd = clone()
        except OSError as error:
            self._tell(Kind.FAULT, runner, str(error).encode())
        else:
            if pid == 0:
                serve.main(limits, channel, printed, self.origin)
            self.runners[pidfd] = (runner, pid)
            self._tell(Kind.STARTED, runner, fds=(pidfd,))
        os.close(channel)
        os.close(printed)

    def _reap(self, pidfd: int) -> None:
        runner, pid = self.runners.pop(pidfd)
        os.close(pidfd)
        self._report_end(runner, pid)

    def _report_end(self, runner: int, pid: int) -> None:
        _, status, usage = os.wait4(pid, 0)
        cpu = usage.ru_utime + usage.ru_stime
        facts = {"status": status, "cpu_s": cpu, "peak_kb": usage.ru_maxrss}
        self._tell(Kind.EXIT, runner, msgpack.packb(facts))


def main(relay: socket.socket, kind: type[Zygote] = Zygote) -> None:
    """Serve until the relay is gone."""
    warm.up()
    if (threads := thread_count()) != 1:
        sys.exit(f"the zygote must have one thread, it has {threads}")
    if not device.untouched():
        sys.exit("the zygote must not speak to the driver of a GPU, and has")
    isolate.scrub_environment()
    zygote = kind(relay)
    gc.collect()
    gc.freeze()
    hugepages.gather()
    zygote.run()
