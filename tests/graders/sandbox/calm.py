"""Waiting for what is only passing.

A spare runner may just be on its way from the zygote to the relay, with descriptors in
either. Nobody tells when it has arrived, so a census is taken again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

CALM_S = 5.0
T = TypeVar("T")


def calmed(take: Callable[[], T], wanted: T | None = None) -> T:
    """What ``take`` counts once it is as wanted; or as it still is after a while.

    Args:
        wanted: nothing, if it is not known yet: then what it counts twice running.
    """
    deadline = time.monotonic() + CALM_S
    last, found = wanted, take()
    while found != last and time.monotonic() < deadline:
        last, found = found if wanted is None else wanted, take()
    return found
