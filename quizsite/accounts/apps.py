from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "quizsite.accounts"

    def ready(self) -> None:
        from quizsite.accounts import receivers  # noqa: F401 - connects them
