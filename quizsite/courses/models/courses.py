"""Courses and who is in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Course(models.Model):
    slug = models.SlugField(unique=True)
    title = models.CharField(_("название"), max_length=200)
    description = models.TextField(blank=True)
    join_code = models.CharField(max_length=40, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["title"]
        verbose_name = _("курс")
        verbose_name_plural = _("курсы")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("courses:detail", args=[self.slug])

    @property
    def student_ids(self) -> models.QuerySet[Enrolment, int]:
        return self.enrolments.students().values_list("user_id", flat=True)


class Role(models.TextChoices):
    STUDENT = "student", _("студент")
    INSTRUCTOR = "instructor", _("преподаватель")


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def students(self) -> EnrolmentQuerySet:
        return self.filter(role=Role.STUDENT)

    def instructors(self) -> EnrolmentQuerySet:
        return self.filter(role=Role.INSTRUCTOR)


class Enrolment(models.Model):
    course = models.ForeignKey(
        Course, on_delete=models.CASCADE, related_name="enrolments"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="enrolments"
    )
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.STUDENT)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="enrolled_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} — {self.course} ({self.role})"
