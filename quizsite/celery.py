"""The Celery application; tasks live in ``graders.tasks``."""

from __future__ import annotations

import os
import sys

from celery import Celery, signals
from django.db import close_old_connections

from quizsite.lib import spool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quizsite.settings")

# One thread is enough for a grader, and a process with one thread forks safely. Read
# when numpy and torch are imported, so it has to be said before.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

spool.install()
app = Celery("quizsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close the database after each task, and on PostgreSQL a new session costs
# an eighth of a submission's work. Sessions end as those of pages do.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
signals.task_prerun.connect(lambda **_: close_old_connections(), weak=False)
# Only the worker imports graders.tasks (``-I graders.tasks``): the web process
# sends by name and stays free of torch.
app.conf.beat_schedule = {
    "sweep": {"task": "graders.tasks.sweep", "schedule": 15.0},
    "finish overdue attempts": {
        "task": "graders.chores.finish_overdue",
        "schedule": 20.0,
        "options": {"expires": 60},
    },
    "note opened reviews": {
        "task": "graders.chores.note_opened",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "heartbeat": {
        "task": "graders.tasks.heartbeat",
        "schedule": 10.0,
        "options": {"expires": 20},
    },
}
