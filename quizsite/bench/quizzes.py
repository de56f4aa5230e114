"""Fifty readers at a quiz: how long the server takes, how many answers it saves.

The site's own web server is started, and asked over loopback by as many threads as
there are readers. How long a request took is read from the server's access log: that is
the application's time, without the wait of a client that asks too much at once.
"""

from __future__ import annotations

import gzip
import http.client
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from socket import socket
from statistics import median
from urllib.parse import urlencode

from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quizsite.bench.rows import Row, p95
from quizsite.bench.workers import until
from quizsite.lib.management.commands.serve import HOST, programs
from quizsite.quizzes.models import Quiz

READERS = 50
SAVES_EACH = 16
CHAPTER = "training"
PACE_S = 1.0  # between a reader's saves, where it is the time that is measured
ALLOWED_MS, WANTED_RATE = 60.0, {"postgresql": 150.0, "sqlite": 60.0}
ALLOWED_QUERIES, ALLOWED_KB = 12, 150
_LINE = re.compile(r"^(?P<method>\w+) (?P<path>\S+) (?P<status>\d+) (?P<us>\d+)$", re.M)
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_LINKED = re.compile(r'(?:src|href|content)="(/static/[^"]+\.(?:js|css))"')


def measure() -> Iterator[Row]:
    """Everything about taking a quiz."""
    yield _queries()
    with web() as (port, log):
        yield _weight(port)
        with ThreadPoolExecutor(READERS) as pool:
            readers = list(pool.map(Reader, [port] * READERS))
            took = _run(pool, readers, 0.0)
            rate = READERS * SAVES_EACH / took
            log.write_text("")
            _run(pool, readers, PACE_S)
        yield from _rows(log.read_text(), rate)


def _run(pool: ThreadPoolExecutor, readers: list[Reader], pause_s: float) -> float:
    """Seconds; readers who pause do not all begin at one moment."""
    start = time.monotonic()
    begin = [pause_s * place / READERS for place in range(READERS)]
    for done in pool.map(Reader.answer_all, readers, begin, [pause_s] * READERS):
        assert done
    return time.monotonic() - start


def _rows(log: str, rate: float) -> Iterator[Row]:
    times: dict[str, list[float]] = {"GET": [], "POST": []}
    for found in _LINE.finditer(log):
        if "/attempts/" in found["path"]:
            times[found["method"]].append(int(found["us"]) / 1000)
    what = f"{READERS} readers, {connection.vendor}"
    for method, name in (("GET", "question page"), ("POST", "answer save")):
        label = f"{name}, server time, p95, {what}"
        yield Row(label, p95(times[method]), "ms", at_most=ALLOWED_MS)
        yield Row(f"{name}, server time, median", median(times[method]), "ms")
    wanted = WANTED_RATE[connection.vendor]
    yield Row(f"answers saved, {what}", rate, "1/s", at_least=wanted)


def _queries() -> Row:
    """Of the page with every question of a chapter on it."""
    client = Client(headers={"host": "localhost"})
    quiz = Quiz.objects.get(chapter__slug=CHAPTER)
    page = client.post(quiz.get_absolute_url())["Location"]
    client.get(page)  # variants are drawn once
    with CaptureQueriesContext(connection) as captured:
        client.get(page)
    count = quiz.questions.filter(retired=False).count()
    label = f"queries of a page of {count} questions"
    return Row(label, len(captured), "", at_most=ALLOWED_QUERIES)


@contextmanager
def web() -> Iterator[tuple[int, Path]]:
    """The web server as ``make serve`` runs it, its port and its access log."""
    with closing(socket()) as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    argv = [*programs(port)[0].argv, "--access-logformat", "%(m)s %(U)s %(s)s %(D)s"]
    with tempfile.NamedTemporaryFile("r", prefix="access-") as log:
        argv[argv.index("--access-logfile") + 1] = log.name
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        try:
            until(partial(_answers, port), "the web server does not get ready")
            yield port, Path(log.name)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _answers(port: int) -> bool:
    try:
        with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as there:
            there.request("GET", "/")
            return there.getresponse().status == 200
    except OSError:
        return False


@dataclass(frozen=True)
class Reply:
    status: int
    location: str
    body: str


class Reader:
    """A guest with a browser's cookies, in the middle of an attempt."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        start = f"/chapters/{CHAPTER}/quiz/"
        self._token = self._csrf(self._ask("GET", start).body)
        self._attempt = self._ask("POST", start, behaviour="test").location

    def answer_all(self, wait_s: float, pause_s: float) -> bool:
        """Look at the page, then save as many answers as it has questions."""
        time.sleep(wait_s)
        page = self._ask("GET", self._attempt)
        self._expect(page, 200)
        self._token = self._csrf(page.body)
        for number in range(1, SAVES_EACH + 1):
            address = f"{self._attempt}answers/{number}/"
            fields = {f"q{number}": str(time.monotonic_ns() % 1000)}
            self._expect(self._ask("POST", address, **fields), 200)
            time.sleep(pause_s)
        return True

    @staticmethod
    def _expect(reply: Reply, status: int) -> None:
        if reply.status != status:
            raise CommandError(f"answered {reply.status}: {reply.body[:200]}")

    @staticmethod
    def _csrf(page: str) -> str:
        found = _TOKEN.search(page)
        if found is None:
            raise CommandError("a page has no form")
        return found[1]

    def _ask(self, method: str, path: str, **fields: str) -> Reply:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        body = None
        if method == "POST":
            body = urlencode({"csrfmiddlewaretoken": self._token, **fields})
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPConnection(HOST, self._port, timeout=60)) as there:
            there.request(method, path, body, headers)
            reply = there.getresponse()
            for cookie in reply.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            text = reply.read().decode()
            return Reply(reply.status, reply.headers.get("Location", ""), text)


def _weight(port: int) -> Row:
    """What a first visit of a quiz page transfers, but for the fonts of formulas."""
    reader = Reader(port)
    with closing(http.client.HTTPConnection(HOST, port, timeout=60)) as there:

        def size(path: str, cookies: str = "") -> tuple[int, bytes]:
            headers = {"Accept-Encoding": "br, gzip", "Cookie": cookies}
            there.request("GET", path, headers=headers)
            reply = there.getresponse()
            data = reply.read()
            is_gzip = reply.headers.get("Content-Encoding") == "gzip"
            return len(data), gzip.decompress(data) if is_gzip else data

        cookies = "; ".join(f"{k}={v}" for k, v in reader._cookies.items())
        total, page = size(reader._attempt, cookies)
        linked = set(_LINKED.findall(page.decode()))
        total += sum(size(path)[0] for path in linked)
    label = "first visit of a quiz page, fonts aside"
    return Row(label, total / 1024, "KB", at_most=ALLOWED_KB)
