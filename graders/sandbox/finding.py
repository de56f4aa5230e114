"""What ``doctor`` says of one thing, and which command mends it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str
    fix: str = ""  # the exact command, where there is one


def renewal(url: str) -> str:
    """What renews all that a sandbox of this kind is made of.

    Its walls are the kernel's and the engine's, and the code of an image may be older
    than ours.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "docker" | "podman" as engine:
            return f"bash .ci/image {engine} {parts.path}"
        case "unix":
            return "docker compose up --detach --build --force-recreate sandbox"
    return "apt-get install --only-upgrade -y bubblewrap linux-image-amd64"


def judged(name: str, ok: bool, detail: str, url: str) -> Finding:
    """A wall that holds, or what renews it."""
    return Finding(f"sandbox: {name}", ok, detail, "" if ok else renewal(url))
