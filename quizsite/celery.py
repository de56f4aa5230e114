"""The Celery application; tasks live in ``graders.tasks``."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizsite.settings")

app = Celery("quizsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Only the worker imports graders.tasks (``-I graders.tasks``): the web process
# sends by name and stays free of torch.
app.conf.beat_schedule = {
    "sweep": {"task": "graders.tasks.sweep", "schedule": 15.0},
    "heartbeat": {
        "task": "graders.tasks.heartbeat",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
}
