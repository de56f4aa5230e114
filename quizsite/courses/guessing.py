"""A join code is short, so nobody may try many of them."""

from __future__ import annotations

from django.core.cache import cache

WRONG_CODES = 10
WITHIN_SECONDS = 60 * 60


def may_try_code(user_id: int) -> bool:
    return int(cache.get(_key(user_id), 0)) < WRONG_CODES


def count_wrong_code(user_id: int) -> None:
    cache.add(_key(user_id), 0, WITHIN_SECONDS)
    cache.incr(_key(user_id))


def _key(user_id: int) -> str:
    return f"wrong-join-codes:{user_id}"
