"""Typed readers of environment variables; a bad value stops the start, loudly."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def env_str(name: str, default: str) -> str:
    return os.environ.get(name, default)


def env_bool(name: str, default: bool) -> bool:
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.lower() in TRUE:
        return True
    if raw.lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={raw!r}: write 1 or 0")


def env_int(name: str, default: int) -> int:
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={raw!r}: write a whole number") from error


def env_list(name: str, default: list[str]) -> list[str]:
    raw = os.environ.get(name)
    if raw is None:
        return default
    return [part.strip() for part in raw.split(",") if part.strip()]


def sandbox(name: str, default: str, *, gpu: bool) -> str:
    """The URL of a sandbox: one with a device, or one without.

    Raises:
        ImproperlyConfigured: it is the other kind.
    """
    url = env_str(name, default)
    if url and ("gpu" in parse_qs(urlsplit(url).query)) is not gpu:
        cure = "name a device: ?gpu=0" if gpu else "name a GPU in GPU_SANDBOX instead"
        raise ImproperlyConfigured(f"{name}={url!r}: {cure}")
    return url


def secret_key(var_dir: Path) -> str:
    """``SECRET_KEY``, or the one kept in ``var/``, made on first use."""
    given = os.environ.get("SECRET_KEY")
    if given:
        return given
    path = var_dir / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(64))
    return key


def database(url: str) -> dict[str, object]:
    """Django's settings of one database from its URL.

    Raises:
        ImproperlyConfigured: the scheme is neither ``sqlite`` nor ``postgres``.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(parts.path)
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise ImproperlyConfigured(f"DATABASE_URL={url!r}: use sqlite:/// or postgres://")


def _sqlite(path: str) -> dict[str, object]:
    # Immediate transactions take the write lock at BEGIN, where the busy
    # timeout applies; deferred ones would fail at once with "database is locked".
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                "PRAGMA mmap_size=134217728;PRAGMA cache_size=-16000"
            ),
        },
    }


# A broker that is down must hold up nobody's click: what it does not take waits in the
# database. Celery's default is to try for six seconds, for each message.
QUICK_TO_FAIL: dict[str, object] = {
    "max_retries": 1,
    "interval_start": 0,
    "connect_retries_timeout": 2,
}
# A machine that vanished refuses nothing, it is silent.
REDIS_TIMEOUTS: dict[str, object] = {"socket_connect_timeout": 2, "socket_timeout": 10}


def celery_broker(url: str) -> tuple[str, dict[str, object]]:
    """Celery's broker URL and transport options.

    ``filesystem:///dir`` keeps the messages as files under ``dir``.
    """
    parts = urlsplit(url)
    if parts.scheme != "filesystem":
        is_redis = parts.scheme in {"redis", "rediss"}
        return url, QUICK_TO_FAIL | (REDIS_TIMEOUTS if is_redis else {})
    root = Path(parts.path)
    for name in ("messages", "control"):
        (root / name).mkdir(parents=True, exist_ok=True)
    options: dict[str, object] = {
        "data_folder_in": str(root / "messages"),
        "data_folder_out": str(root / "messages"),
        "control_folder": str(root / "control"),
        "polling_interval": 0.02,
    }
    return "filesystem://localhost//", options  # kombu complains of no host
