"""Submissions, the outbox that sends them, and signs of life of the workers."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from graders.verdicts import Blame, Verdict

CLOCK_SLACK_S = 5  # small corrections of the clock are none


class State(models.TextChoices):
    QUEUED = "queued", _("в очереди")
    RUNNING = "running", _("проверяется")
    DONE = "done", _("проверена")
    REPLACED = "replaced", _("заменена новой")  # before anybody graded it


def lease_end() -> Combinable:
    """When a lease that begins now ends, by the database's clock.

    Workers and the sweep may run on machines whose clocks differ.
    """
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)


def lease_is_over() -> models.Q:
    """Also where it would end impossibly late: the clock was set back meanwhile."""
    latest = lease_end() + timedelta(seconds=CLOCK_SLACK_S)
    return models.Q(lease_until__lt=Now()) | models.Q(lease_until__gt=latest)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def in_flight(self) -> SubmissionQuerySet:
        """Sent to a worker, or about to be, and not yet done."""
        return self.filter(state__in=[State.QUEUED, State.RUNNING])

    def counted(self) -> SubmissionQuerySet:
        """All but those that their authors replaced before they were graded."""
        return self.exclude(state=State.REPLACED)

    def expired(self) -> SubmissionQuerySet:
        """Claimed by a worker that has not been heard of since."""
        return self.filter(lease_is_over(), state=State.RUNNING)


class Submission(models.Model):
    """One piece of code handed in for one exercise, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="submissions"
    )
    exercise = models.SlugField(max_length=80)
    exercise_digest = models.CharField(max_length=64)  # the version it was graded by
    source = models.TextField()
    filename = models.CharField(max_length=200, default="solution.py")
    # Intake.as_json, and where its lines stood in a notebook: see graders.places.
    intake_notes = models.JSONField(default=dict, blank=True)
    idempotency_key = models.CharField(max_length=64, blank=True)
    replaced_by = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="replaces",
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    verdict = models.CharField(
        max_length=20, blank=True, choices=[(v.value, v.value) for v in Verdict]
    )
    score = models.FloatField(null=True, blank=True)  # 0..1
    mistake = models.CharField(max_length=60, blank=True)
    report = models.JSONField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "exercise", "-created_at"]),
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["exercise", "verdict"]),
        ]
        constraints = [
            # A double click, or a client that repeats itself, makes one submission.
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                condition=~models.Q(idempotency_key=""),
                name="submission_idempotent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.exercise} {self.id}"

    def get_absolute_url(self) -> str:
        return reverse("submissions:detail", args=[self.id])

    @property
    def is_done(self) -> bool:
        return self.state == State.DONE

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self.state in (State.DONE, State.REPLACED)

    @property
    def blame(self) -> Blame | None:
        return Verdict(self.verdict).blame if self.verdict else None


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def waiting(self) -> OutboxQuerySet:
        """In the database only: no message of theirs is at the broker."""
        return self.filter(sent_at=None).exclude(submission__state=State.RUNNING)

    def in_flight(self) -> OutboxQuerySet:
        sent = models.Q(sent_at__isnull=False)
        return self.filter(sent | models.Q(submission__state=State.RUNNING))


class OutboxMessage(models.Model):
    """What the broker was told of a submission that is not done yet.

    Written in the submission's own transaction, deleted with its report's. While
    ``sent_at`` is empty the submission waits here: for the student's earlier ones, or
    for a broker that answers.
    """

    submission = models.OneToOneField(
        Submission, on_delete=models.CASCADE, related_name="outbox"
    )
    queue = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = OutboxQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.queue}: {self.submission_id}"


class Stage(models.TextChoices):
    GRADING = "grading", _("идёт")
    READY = "ready", _("ждёт решения")
    COMMITTED = "committed", _("записана")
    CANCELLED = "cancelled", _("отменена")


class Regrade(models.Model):
    """A job: all graded submissions of an exercise graded anew, aside at first."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    exercise = models.SlugField(max_length=80)
    exercise_digest = models.CharField(max_length=64)  # the version to grade by
    only_digest = models.CharField(max_length=64, blank=True)  # graded by it before
    is_gpu = models.BooleanField(default=False)
    stage = models.CharField(
        max_length=10, choices=Stage.choices, default=Stage.GRADING
    )
    never_lower = models.BooleanField(default=False)  # what was committed with
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    committed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            # Asking twice makes one job.
            models.UniqueConstraint(
                fields=["exercise", "only_digest"],
                condition=models.Q(stage__in=["grading", "ready"]),
                name="regraded_once_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.exercise} {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("submissions:regrade", args=[self.id])


class Regrading(models.Model):
    """One submission within a regrade: what it was, and what it would be."""

    regrade = models.ForeignKey(Regrade, on_delete=models.CASCADE, related_name="items")
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    sent_at = models.DateTimeField(null=True, blank=True)
    lease = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    old_verdict = models.CharField(max_length=20)
    old_score = models.FloatField()
    verdict = models.CharField(max_length=20, blank=True)
    score = models.FloatField(null=True, blank=True)
    report = models.JSONField(null=True, blank=True)
    committed = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["regrade", "submission"], name="regraded_once_in_a_job"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.old_score} → {self.score}"


class Bundle(models.Model):
    """Cases of an exercise with the reference's answers, for use outside the site.

    Public examples belong to an exercise, a replay to a submission. A row without
    content waits for a grader, which makes it.
    """

    key = models.CharField(max_length=64, unique=True)  # of all it is made from
    exercise = models.SlugField(max_length=80)
    exercise_digest = models.CharField(max_length=64)
    submission = models.ForeignKey(
        Submission,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="bundles",
    )
    with_hidden = models.BooleanField(default=False)
    asked_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)  # why there will be none; for staff
    cases = models.TextField(blank=True)  # JSON
    tensors = models.BinaryField(default=b"")  # safetensors

    def __str__(self) -> str:
        return f"{self.exercise} {self.key[:8]}"

    @property
    def is_ready(self) -> bool:
        return self.done_at is not None and not self.problem


class Heartbeat(models.Model):
    """When a part of the site last answered, through the real path."""

    component = models.CharField(max_length=40, unique=True)  # worker, sandbox, gpu
    at = models.DateTimeField()
    ok = models.BooleanField(default=True)
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.component} {self.at:%H:%M:%S}"

    @classmethod
    def record(cls, component: str, *, ok: bool, detail: dict[str, Any]) -> None:
        values = {"at": timezone.now(), "ok": ok, "detail": detail}
        cls.objects.update_or_create(component=component, defaults=values)
