"""Exercises for a GPU, and a worker that has one, as the site knows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from exercises.spec import Check, Exercise
from quizsite.submissions.models import Heartbeat


def on_gpu(exercise: Exercise) -> Exercise:
    """The same exercise, if all of it needed a GPU."""
    checks = tuple(replace(check, device="gpu") for check in exercise.checks)
    return replace(exercise, device="gpu", checks=checks)


def with_gpu(exercise: Exercise) -> Exercise:
    """The same exercise with one check that needs a GPU."""
    check = Check("gpu", "На видеокарте", 0.0, public=True, device="gpu")
    return replace(exercise, device="any", checks=(*exercise.checks, check))


def gpu_answered(*, ok: bool = True, **ago: float) -> Heartbeat:
    """A sign of life, so long ago."""
    Heartbeat.record("gpu", ok=ok, detail={})
    at = timezone.now() - timedelta(**ago)
    Heartbeat.objects.filter(component="gpu").update(at=at)
    return Heartbeat.objects.get(component="gpu")
