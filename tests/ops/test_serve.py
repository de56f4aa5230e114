"""What `manage.py serve` refuses, and which programs it runs."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from quizsite.lib.management.commands import serve


def test_a_busy_port_is_refused_with_a_way_out() -> None:
    with socket.socket() as other:
        other.bind((serve.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"port {port}.*PORT="):
            serve.refuse_busy_port(port)


def test_a_port_that_cannot_exist_is_refused() -> None:
    with pytest.raises(CommandError, match="port 70000"):
        serve.refuse_busy_port(70000)


def test_two_sites_on_one_folder_are_refused(tmp_path: Path) -> None:
    with (
        serve.hold_lock(tmp_path / "serve.lock", 8000),
        pytest.raises(CommandError, match=r"already runs.*localhost:8000"),
    ):
        serve.hold_lock(tmp_path / "serve.lock", 8001)


def test_the_lock_is_free_again_once_the_site_ended(tmp_path: Path) -> None:
    serve.hold_lock(tmp_path / "serve.lock", 8000).close()
    with serve.hold_lock(tmp_path / "serve.lock", 8001):
        assert ":8001/" in (tmp_path / "serve.lock").read_text()


def test_changed_static_files_are_noticed(settings, tmp_path: Path) -> None:
    settings.STATICFILES_DIRS = [tmp_path]
    (tmp_path / "a.css").write_text("a {}")
    before = serve.static_digest()
    (tmp_path / "a.css").write_text("a { color: red }")
    assert serve.static_digest() != before


def test_web_worker_and_beat_are_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "gpu_sandbox", lambda: "")
    names = [program.name for program in serve.programs(8000)]
    assert names == ["web", "worker", "beat"]
