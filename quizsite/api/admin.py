from __future__ import annotations

from django.contrib import admin

from quizsite.api.models import ApiToken
from quizsite.lib.admin import ReadOnlyAdmin


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["user", "name", "prefix", "expires_at", "last_used_at"]
    list_display_links = ["name"]
    exclude = ["token_hash"]
    search_fields = ["user__username", "name"]
    list_select_related = ["user"]
