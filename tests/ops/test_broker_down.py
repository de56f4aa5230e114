"""A broker that is not there must hold up nobody who hands something in."""

from __future__ import annotations

import socket
import time

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from quizsite.env import celery_broker

FAST_S = 1.5  # Celery's own patience is six seconds


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_sending_to_a_broker_that_refuses_fails_at_once(scheme: str) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))  # and does not listen
        url, options = celery_broker(f"{scheme}://127.0.0.1:{unheard.getsockname()[1]}")
        app = Celery(broker=url, set_as_current=False)
        app.conf.broker_transport_options = options
        start = time.monotonic()
        with pytest.raises(OperationalError):
            app.send_task("any", retry=False)
        assert time.monotonic() - start < FAST_S
