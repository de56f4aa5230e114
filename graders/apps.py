from __future__ import annotations

from django.apps import AppConfig


class GradersConfig(AppConfig):
    """An app only so that Django finds the grader's commands."""

    name = "graders"
