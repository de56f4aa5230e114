"""The Django project: pages, REST, courses. It never imports torch."""

from __future__ import annotations

from quizsite.celery import app as celery_app

__all__ = ["celery_app"]
