from __future__ import annotations

from django.apps import AppConfig


class LibConfig(AppConfig):
    """Pure helpers; an app only so that its template tags are found."""

    name = "quizsite.lib"
