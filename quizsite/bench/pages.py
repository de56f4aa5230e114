"""How long the site's pages take in its own process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from django.core.management.base import CommandError
from django.test import Client

from exercises.spec import exercise_slugs
from quizsite.accounts.models import User
from quizsite.bench.rows import Row

ALLOWED_MS = 60.0
PAGES = ("/", "/exercises/", "/submissions/", "/courses/", "/api/v1/exercises/")
CHAPTERS = ("/chapters/training/", "/chapters/transformer/")


def measure(user: User, times: int) -> Iterator[Row]:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    exercises = tuple(f"/exercises/{slug}/" for slug in exercise_slugs())
    for page in (*PAGES, *CHAPTERS, *exercises):
        _visit(client, page)  # templates are read at the first visit
        took = [_visit(client, page) for _ in range(times)]
        yield Row(f"GET {page}", median(took), "ms", at_most=ALLOWED_MS)


def _visit(client: Client, page: str) -> float:
    start = time.perf_counter()
    response = client.get(page)
    took = (time.perf_counter() - start) * 1000
    if response.status_code != 200:
        raise CommandError(f"{page} answered {response.status_code}")
    return took
