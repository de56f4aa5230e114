"""Celery's filesystem broker, made to survive what happens to files.

kombu's transport writes a message in place, so that a quick reader takes half of it,
reads exchange tables while they are being rewritten, and gives up for good when a
folder is gone; each of these ends the worker. Here a message and a table appear whole,
by rename; a missing folder is made again; a message that cannot be read is dropped (the
database is the truth, the sweep sends it again); and a message for an exchange whose
table was lost goes to the queue of the same name, which is what the table had said.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)

SUFFIX = ".msg"
DELIVERED_AT_ONCE = 16
_count = itertools.count()


def install() -> None:
    """Make ``filesystem://`` mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"


def write_whole(path: Path, text: str) -> None:
    """Readers see the old file, the new one or none, never a part."""
    temporary = path.parent / f".{uuid.uuid4().hex}"
    try:
        temporary.write_text(text, encoding="utf-8")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Sorted by name the messages are in the order of sending.
        order = f"{time.time_ns():020d}-{next(_count):06d}-{uuid.uuid4().hex[:8]}"
        path = Path(self.data_folder_out) / f"{order}.{queue}{SUFFIX}"
        write_whole(path, dumps(payload))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in self._messages(queue):
            try:
                return loads(self._take(name))
            except FileNotFoundError:
                continue  # another worker was quicker
            except ValueError:
                logger.warning("dropped an unreadable message: %s", name)
        raise Empty

    def _take(self, name: str) -> str:
        """The content of a message that nobody else will get."""
        taken = Path(self.data_folder_in) / f".taken-{uuid.uuid4().hex}"
        (Path(self.data_folder_in) / name).rename(taken)
        try:
            return taken.read_text(encoding="utf-8")
        finally:
            taken.unlink(missing_ok=True)

    def _messages(self, queue: str) -> list[str]:
        try:
            names = os.listdir(self.data_folder_in)
        except FileNotFoundError:
            Path(self.data_folder_in).mkdir(parents=True, exist_ok=True)
            return []
        wanted = f"{queue}{SUFFIX}"
        return sorted(name for name in names if name.partition(".")[2] == wanted)

    def _size(self, queue: str) -> int:
        return len(self._messages(queue))

    def _purge(self, queue: str) -> int:
        names = self._messages(queue)
        for name in names:
            (Path(self.data_folder_in) / name).unlink(missing_ok=True)
        return len(names)

    def _table_file(self, exchange: str) -> Path:
        """Where the bindings of an exchange are, once its name is found harmless."""
        file: Path = super()._exchange_file(exchange)  # type: ignore[misc]
        return file

    def get_table(self, exchange: str) -> list[Any]:
        try:
            rows = loads(self._table_file(exchange).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return []
        return [filesystem.exchange_queue_t(*row) for row in rows]

    def _queue_bind(
        self,
        exchange: str,
        routing_key: str | None,
        pattern: str | None,
        queue: str | None,
    ) -> None:
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        table = self.get_table(exchange)
        if row not in table:
            write_whole(self._table_file(exchange), dumps([row, *table]))

    def _delete(
        self,
        queue: str,
        exchange: str,
        routing_key: str,
        pattern: str,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        self._purge(queue)
        row = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        table = self.get_table(exchange)
        if row in table:
            rest = [other for other in table if other != row]
            write_whole(self._table_file(exchange), dumps(rest))

    def _lookup(
        self, exchange: str, routing_key: str, default: str | None = None
    ) -> list[str]:
        # A publisher declares a queue once a connection: it would not notice that
        # the table is gone, and every later message would be thrown away.
        queues = list(super()._lookup(exchange, routing_key, default))
        is_task_queue = exchange == routing_key  # Celery names all three alike
        return queues or ([routing_key] if is_task_queue else [])


class Transport(filesystem.Transport):
    """Polled from Celery's event loop.

    Without one, Celery's pool shares a locked pipe among its children: one that is
    killed while it waits there takes the lock along, and no other ever gets a task
    (billiard issue 104). With one, every child has a pipe of its own.
    """

    Channel = Channel
    implements = filesystem.Transport.implements.extend(asynchronous=True)

    def register_with_event_loop(self, connection: Any, loop: Any) -> None:
        loop.call_repeatedly(self.polling_interval, self._poll)

    def _poll(self) -> None:
        assert self.cycle is not None
        with contextlib.suppress(Empty):
            for _ in range(DELIVERED_AT_ONCE):  # the loop has other things to do
                self.cycle.get(self._deliver)
