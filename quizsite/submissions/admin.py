from __future__ import annotations

from django.contrib import admin

from quizsite.lib.admin import ReadOnlyAdmin
from quizsite.submissions.models import Heartbeat, Submission


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "user", "exercise", "state", "verdict", "score"]
    list_filter = ["state", "verdict", "exercise"]
    search_fields = ["user__username", "user__display_name"]
    list_select_related = ["user"]


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ["component", "at", "ok"]
