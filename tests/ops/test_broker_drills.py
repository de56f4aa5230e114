"""The broker dies or forgets everything; see test_drills. For every kind of broker."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from redis import Redis

from tests.ops import drills
from tests.ops.worker import Worker, running_worker

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("real_services"),
]


@pytest.fixture(scope="module")
def worker(django_db_setup) -> Iterator[Worker]:
    with running_worker(2) as process:
        yield process


def is_redis() -> bool:
    return settings.CELERY_BROKER_URL.startswith("redis:")


def kill_broker() -> None:
    drills.kill_service("redis" if is_redis() else "rabbitmq")


def wipe_broker() -> None:
    """Nothing is left of queues, exchanges and messages."""
    if is_redis():
        Redis.from_url(settings.CELERY_BROKER_URL).flushall()
        return
    shutil.rmtree(Path(os.environ["SERVICES_DIR"], "rabbitmq", "mnesia"))
    kill_broker()


@pytest.mark.parametrize("fault", [kill_broker, wipe_broker])
def test_a_burst_outlives_the_broker(worker, fault: Callable[[], None]):
    submissions = drills.burst()
    drills.await_some(submissions)
    hit = drills.in_flight()
    fault()
    hit |= drills.in_flight()
    submissions += drills.burst(students=1)  # by a process long connected
    hit |= drills.in_flight()
    drills.await_all(submissions)
    drills.assert_fair(submissions, hit)
