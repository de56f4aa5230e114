"""People."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person with an account; ``is_staff`` runs the site.

    Who teaches what is a matter of a course: :class:`courses.Enrolment`.
    """

    display_name = models.CharField(_("имя на сайте"), max_length=150, blank=True)

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.display_name or self.get_full_name() or self.username


class SetupLink(models.Model):
    """The one-time address that makes the first administrator."""

    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hex
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"SetupLink({self.created_at:%Y-%m-%d})"


class Notice(models.Model):
    """Something that a person should know, until they have seen it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    text = models.CharField(max_length=300)  # in the language it was written in
    address = models.CharField(max_length=300, blank=True)  # a path on this site
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["user"], condition=models.Q(seen_at=None), name="notice_unseen"
            )
        ]

    def __str__(self) -> str:
        return self.text
