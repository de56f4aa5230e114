"""/healthz/ is 200 only while every part answers, and names the part that does not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from quizsite.lib import health
from quizsite.submissions.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def heartbeats() -> None:
    Heartbeat.record("worker", ok=True, detail={})
    Heartbeat.record("sandbox", ok=True, detail={})


def ill_parts(client: Client) -> list[str]:
    response = client.get("/healthz/")
    checks = response.json()["checks"]
    ill = [name for name, answer in checks.items() if answer != "ok"]
    assert response.status_code == (503 if ill else 200)
    assert set(checks) == {"database", "broker", "worker", "sandbox"}
    return ill


def test_all_is_well_when_every_part_answers(client: Client, heartbeats: None) -> None:
    assert ill_parts(client) == []


def test_a_site_without_a_worker_is_ill(client: Client) -> None:
    assert ill_parts(client) == ["worker", "sandbox"]


@pytest.mark.parametrize("ok", [True, False])
def test_a_gpu_makes_the_site_neither_well_nor_ill(
    client: Client, heartbeats: None, ok: bool
) -> None:
    Heartbeat.record("gpu", ok=ok, detail={})
    assert ill_parts(client) == []
    Heartbeat.objects.exclude(component="gpu").delete()
    assert ill_parts(client) == ["worker", "sandbox"]


def test_an_old_heartbeat_is_no_heartbeat(client: Client, heartbeats: None) -> None:
    long_ago = timezone.now() - health.STALE - timedelta(seconds=1)
    Heartbeat.objects.filter(component="worker").update(at=long_ago)
    assert ill_parts(client) == ["worker"]


def test_a_sandbox_that_ran_no_job_is_ill(client: Client, heartbeats: None) -> None:
    Heartbeat.record("sandbox", ok=False, detail={"error": "bwrap: no user namespaces"})
    response = client.get("/healthz/")
    assert "doctor" in response.json()["checks"]["sandbox"]
    assert "namespaces" not in response.content.decode()  # details are for the log
    assert ill_parts(client) == ["sandbox"]


@pytest.fixture
def broker(settings, tmp_path: Path) -> Path:
    folder = tmp_path / "broker"
    keys = ("data_folder_out", "control_folder")
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {key: str(folder) for key in keys}
    return folder


def test_a_broker_folder_that_is_gone_is_made_again(
    client: Client, heartbeats: None, broker: Path
) -> None:
    assert ill_parts(client) == []
    assert broker.is_dir()
    assert list(broker.iterdir()) == []


def test_a_broker_that_cannot_be_written_to_is_named(
    client: Client, heartbeats: None, broker: Path
) -> None:
    broker.write_text("a file where the folder should be")
    assert ill_parts(client) == ["broker"]


def test_a_dead_database_is_told_and_not_a_server_error(client, monkeypatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise DatabaseError("connection refused")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    monkeypatch.setattr(Heartbeat.objects, "filter", refuse)
    assert ill_parts(client) == ["database", "worker", "sandbox"]


def test_only_reading_is_allowed_and_nothing_is_cached(client: Client) -> None:
    assert client.post("/healthz/").status_code == 405
    assert "no-store" in client.get("/healthz/").headers["Cache-Control"]
