"""Whether the container holds where nothing inside it does: the doctor's other half.

An attack made as a submission meets the runner's own walls first, and shows nothing of
the container's. So a container is started with everything as usual, but in place of
relay and zygote it runs ``graders.runner.outer``, which has only this wall around it.
"""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Iterator
from urllib.parse import urlsplit

from graders.sandbox import engines, gpu, launch
from graders.sandbox.finding import Finding, judged
from graders.sandbox.options import Options

ENTRY = launch.ENTRY.replace("runner.relay", "runner.outer")
PATIENCE_S = 60
WALLS = {
    "no_network": "no network",
    "read_only": "a root that is read-only",
    "no_files_of_the_host": "no files of the host",
    "no_privileges": "an ordinary user, no capabilities",
    "no_new_privileges": "no new privileges",
    "no_depths_of_the_kernel": "a system call filter of its own",
    "few_processes": "a bounded number of processes",
}
# bubblewrap has no filter and counts no processes: each runner does for itself.
NOT_BUBBLEWRAPS = ("no_depths_of_the_kernel", "few_processes")


def look(url: str, *, single_use: bool) -> Iterator[Finding]:
    """Try the container's own walls; a socket's is started by somebody else."""
    if url.startswith("unix:"):
        return
    held = _tried(url, single_use)
    for wall, words in WALLS.items():
        if url.startswith("bwrap:") and wall in NOT_BUBBLEWRAPS:
            continue
        if (holds := held.get(wall, False)) is not None:
            detail = str(held.get("problem", "tried"))
            yield judged(f"container: {words}", bool(holds), detail, url)


def _tried(url: str, single_use: bool) -> dict[str, object]:
    try:
        answer = subprocess.run(
            _argv(url, single_use),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        return {"problem": error.stderr.strip()[-200:]}
    except subprocess.TimeoutExpired:
        return {"problem": f"no answer in {PATIENCE_S} s"}
    return dict(json.loads(answer.stdout))


def _argv(url: str, single_use: bool) -> list[str]:
    parts, number = urlsplit(url), gpu.number_in(url)
    if parts.scheme == "bwrap":
        device = None if number is None else gpu.device(number)
        return launch.bubblewrap(ENTRY, gpu=device)
    name = f"quizsite-doctor-{secrets.token_hex(4)}"
    arguments = engines.run(
        parts.scheme,
        parts.path,
        name,
        Options.of(url).runtime,
        number,
        single_use=single_use,
        entry=ENTRY,
    )
    return [parts.scheme, *arguments]
