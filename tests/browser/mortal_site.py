"""A web server of its own process on the tests' database, which a test may kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.ops.worker import PATIENCE_S, tests_database_url


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class MortalSite:
    """The site at one address, whether or not anything answers there."""

    log: Path
    port: int = field(default_factory=_free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        argv = [sys.executable, "manage.py", "runserver", "--noreload", "--insecure"]
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": tests_database_url(),
            "SITE_URL": self.url,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*argv, str(self.port)],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self.process is not None and self.process.poll() is None, self._said
            assert time.monotonic() < deadline, self._said
            time.sleep(0.1)

    @property
    def _said(self) -> str:
        return self.log.read_text(errors="replace")[-4000:]

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/accounts/login/", timeout=5)
        except (urllib.error.URLError, OSError):
            return False
        return True

    def kill(self) -> None:
        """As a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def mortal_site(log: Path) -> Iterator[MortalSite]:
    site = MortalSite(log)
    site.start()
    try:
        yield site
    finally:
        site.kill()
