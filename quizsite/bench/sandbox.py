"""The sandbox's own measurements, made in a process that may import torch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from django.core.management.base import CommandError

from quizsite.bench.rows import Row


def measure(soak: int) -> Iterator[Row]:
    """What ``python -m graders.sandbox.bench`` prints, as rows.

    Raises:
        CommandError: no sandbox can be had here.
    """
    argv = [sys.executable, "-m", "graders.sandbox.bench", "--json", f"--soak={soak}"]
    process = subprocess.run(argv, stdout=subprocess.PIPE, check=False)
    if process.returncode:
        raise CommandError("the sandbox could not be measured; see above")
    for fields in json.loads(process.stdout):
        yield Row(**fields)
