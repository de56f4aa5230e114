"""``GET /healthz/``: does the whole site answer, and if not, which part of it?

Database and broker are asked here and now. Whether the worker takes messages and its
sandbox runs code is learnt from heartbeats: every ten seconds beat sends a task through
the broker, the worker runs a real empty job in its sandbox and writes down the result.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import KombuError

from quizsite.celery import app
from quizsite.submissions.models import Heartbeat

STALE = timedelta(seconds=settings.LEASE_SECONDS)  # the slowest gradings take as long
BROKER_TIMEOUT_S = 2


class Unwell(Exception):
    """A part does not answer; the message says which and what to do."""


def check_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise Unwell(
            "the database does not answer: check DATABASE_URL and that it runs"
        ) from error


def check_broker() -> None:
    if settings.CELERY_BROKER_URL.startswith("filesystem:"):
        return _check_broker_folders()
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(
                max_retries=1, timeout=BROKER_TIMEOUT_S, reraise_as_library_errors=True
            )
    except (KombuError, OSError) as error:
        raise Unwell(
            "the broker does not answer: check CELERY_BROKER_URL and that it runs"
        ) from error


def _check_broker_folders() -> None:
    for key in ("data_folder_out", "control_folder"):
        folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS[key]))
        try:
            # As the transport itself does: a folder that is gone is made again.
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise Unwell(
                "nothing can be written into the broker's folder: see who owns var/ "
                "and whether the disk is full"
            ) from error


def check_worker() -> None:
    _fresh("worker", "no worker has answered lately: see the log of the worker")


def check_sandbox() -> None:
    beat = _fresh("sandbox", "no sandbox has run a job lately: run manage.py doctor")
    if not beat.ok:
        raise Unwell("the sandbox cannot run a job: run manage.py doctor")


def _fresh(component: str, problem: str) -> Heartbeat:
    try:
        beat = Heartbeat.objects.filter(component=component).first()
    except DatabaseError as error:
        raise Unwell("unknown while the database does not answer") from error
    if beat is None or beat.at < timezone.now() - STALE:
        raise Unwell(problem)
    return beat


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "broker": check_broker,
    "worker": check_worker,
    "sandbox": check_sandbox,
}


def problems() -> dict[str, str]:
    """The parts that do not answer, each with what is wrong; empty: all is well."""
    found = {}
    for name, check in CHECKS.items():
        try:
            check()
        except Unwell as unwell:
            found[name] = str(unwell)
    return found


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    wrong = problems()
    body = {
        "status": "failing" if wrong else "ok",
        "checks": {name: wrong.get(name, "ok") for name in CHECKS},
    }
    return JsonResponse(body, status=503 if wrong else 200)
