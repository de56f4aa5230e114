"""Real services, and queues without messages of earlier tests."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

from tests.ops.drills import purge_queues


@pytest.fixture
def real_services(transactional_db) -> None:
    assert connection.vendor == "postgresql", "run these by `make test-services`"
    assert settings.CELERY_BROKER_URL.startswith(("redis:", "amqp:"))
    purge_queues()
