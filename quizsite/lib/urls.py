"""Addresses that belong to no app."""

from __future__ import annotations

from django.urls import URLPattern, path
from django.views.i18n import set_language

from quizsite.lib.health import healthz

urlpatterns: list[URLPattern] = [
    path("healthz/", healthz, name="health"),
    path("language/", set_language, name="set_language"),
]
