"""``manage.py serve``: the whole site under one process manager."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
from argparse import ArgumentParser
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from quizsite.accounts.services import setup_link
from quizsite.lib import gpu
from quizsite.lib.supervisor import Program, Supervisor
from quizsite.submissions.models import Heartbeat

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Prepare the database and run web, workers and beat until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        os.umask(0o077)  # database, secrets and messages are nobody else's business
        settings.VAR_DIR.chmod(0o700)
        with hold_lock(settings.VAR_DIR / "serve.lock", port):
            refuse_busy_port(port)
            os.environ.setdefault("SITE_URL", f"http://localhost:{port}")
            self.prepare()
            self.greet(port)
            status = Supervisor(programs(port)).run()
        sys.exit(status)

    def prepare(self) -> None:
        call_command("migrate", verbosity=0)
        call_command("load_book", verbosity=0)
        Heartbeat.objects.all().delete()  # the last run's say nothing
        stamp = settings.STATIC_ROOT / ".collected"
        digest = static_digest()
        if not stamp.exists() or stamp.read_text() != digest:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
            stamp.write_text(digest)

    def greet(self, port: int) -> None:
        self.stdout.write(f"Starting http://localhost:{port}/ (Ctrl-C ends it)")
        if link := setup_link(site_url=os.environ["SITE_URL"]):
            self.stdout.write(
                "Nobody administers it yet. This link makes the administrator, once:\n"
                f"    {link}"
            )
        if gpu.devices() and not gpu_sandbox():
            self.stdout.write(
                "There is a GPU here that nothing is graded on: this PyTorch is built "
                "without CUDA, or SANDBOX is a socket (then set GPU_SANDBOX)."
            )
        self.stdout.flush()


def programs(port: int) -> list[Program]:
    python = sys.executable
    celery = [python, "-m", "celery", "--app", "quizsite", "--quiet"]
    concurrency = str(min(settings.CELERY_WORKER_CONCURRENCY, os.cpu_count() or 1))
    web = [python, "-m", "gunicorn", "quizsite.wsgi:application"]
    web += ["--bind", f"{HOST}:{port}", "--preload", "--workers", "2"]
    web += ["--no-control-socket"]  # it would lie in the home folder
    web += ["--threads", "4", "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "5"]
    web += ["--access-logfile", "-", "--access-logformat", "%(m)s %(U)s %(s)s %(M)s ms"]
    worker = [*celery, "worker", "--include", "graders.tasks", "--loglevel", "INFO"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    cpu = [*worker, "--queues", "grading.cpu,default", "--concurrency", concurrency]
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]
    beat += ["--schedule", str(settings.VAR_DIR / "celerybeat-schedule")]
    return [
        Program("web", web),
        Program("worker", cpu),
        Program("beat", beat),
        *gpu_worker(worker),
    ]


def gpu_worker(worker: list[str]) -> list[Program]:
    """One more worker, if there is a GPU; the site goes on without it."""
    if not (url := gpu_sandbox()):
        return []
    argv = [*worker, "--queues", "grading.gpu", "--concurrency", "1"]
    argv += ["--hostname", "gpu@%h"]
    return [Program("gpu", argv, {"GPU_SANDBOX": url}, optional=True)]


def gpu_sandbox() -> str:
    """The sandbox of a worker with a GPU: as set, or with the first device there is."""
    if settings.GPU_SANDBOX:
        return str(settings.GPU_SANDBOX)
    numbers = gpu.devices()
    startable = not settings.SANDBOX.startswith("unix:")
    if not (numbers and startable and gpu.torch_is_built_for_it()):
        return ""
    return gpu.sandbox_url(settings.SANDBOX, numbers[0])


def refuse_busy_port(port: int) -> None:
    """Raises:
    CommandError: something else listens there.
    """
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            raise CommandError(
                f"port {port} cannot be used ({error}). "
                "Choose another: make serve PORT=8001"
            ) from error


def hold_lock(path: Path, port: int) -> IO[str]:
    """The open lock file; the kernel lets go of it when we end, however we end."""
    file = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        raise CommandError(
            f"the site already runs on {path.parent} ({file.read().strip()}). "
            "Stop that one first, or give this one its own folder: VAR_DIR=…"
        ) from error
    file.truncate(0)
    file.write(f"process {os.getpid()}, http://localhost:{port}/\n")
    file.flush()
    return file


def static_digest() -> str:
    """Changes when any static file of any app does; far cheaper than collecting."""
    digest = sha256()
    for finder in get_finders():
        for path, storage in finder.list(["CVS", ".*", "*~"]):
            stat = os.stat(storage.path(path))
            digest.update(f"{path} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
