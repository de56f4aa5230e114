from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "quizsite.api"

    def ready(self) -> None:
        from quizsite.api import schema  # noqa: F401  # its extensions register here
