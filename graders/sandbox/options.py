"""What the address of a sandbox says after its question mark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import parse_qsl, urlsplit

from graders.errors import SandboxUnavailable

ENGINES = ("docker", "podman")
SPARES, MOST_SPARES = 2, 16  # warm containers beside the one that is used


@dataclass(frozen=True, slots=True)
class Options:
    """How an engine is to run the containers."""

    runtime: str = ""
    # None: only if the runtime's kernel lets runners not isolate themselves
    single_use: bool | None = False
    spares: int = SPARES

    @classmethod
    def of(cls, url: str) -> Options:
        """Those of an address.

        Raises:
            SandboxUnavailable: it asks for something that its kind does not know.
        """
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        has_gpu = asked.pop("gpu", None) is not None  # whose number is gpu.number_in's
        if asked and parts.scheme not in ENGINES:
            raise SandboxUnavailable(
                f"{parts.scheme}: takes no options but gpu: its containers hold many "
                "submissions, each behind walls of its own, or refuse to"
            )
        if unknown := asked.keys() - {"runtime", "single_use", "spares"}:
            raise SandboxUnavailable(f"no option of a sandbox: {', '.join(unknown)}")
        runtime = asked.get("runtime", "")
        single_use = _switch(asked.get("single_use"), runtime)
        if has_gpu and single_use:
            raise SandboxUnavailable("a container with a GPU cannot be of single use")
        if has_gpu:  # its walls are those of namespaces, or there are none
            single_use = False
        return cls(runtime, single_use, _count(asked.get("spares", str(SPARES))))


def _switch(word: str | None, runtime: str) -> bool | None:
    """gVisor's kernel is the one of which it is not known beforehand."""
    if word is None:
        return None if PurePath(runtime).name.startswith("runsc") else False
    if word not in ("0", "1"):
        raise SandboxUnavailable("single_use is 0 or 1")
    return word == "1"


def _count(word: str) -> int:
    if not word.isdecimal() or int(word) > MOST_SPARES:
        raise SandboxUnavailable(f"spares is a number, at most {MOST_SPARES}")
    return int(word)
