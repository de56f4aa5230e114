"""What a token may do; a browser session may do what its person may."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from quizsite.api.models import ApiToken


class Scope(models.TextChoices):
    READ = "read", _("чтение: свои попытки, посылки и оценки")
    ATTEMPTS = "attempts", _("квизы: начинать, отвечать, завершать")
    SUBMISSIONS = "submissions", _("посылки: отправлять решения")
    STAFF = "staff", _("управление: перепроверки и исключения (для преподавателей)")


class InsufficientScope(PermissionDenied):
    default_detail = _("У токена нет нужного права.")
    default_code = "insufficient_scope"


class HasScope(BasePermission):
    """Reading takes ``read``; a command takes the view's ``command_scope``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        needed = view.command_scope
        if request.method in SAFE_METHODS:
            needed = Scope.READ
        if needed not in request.auth.scopes:
            raise InsufficientScope(_("Токену нужно право «%s».") % needed)
        return True
