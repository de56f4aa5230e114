"""Every address of the site; each app names its own below."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("quizsite.book.urls")),
    path("", include("quizsite.quizzes.urls")),
    path("", include("quizsite.submissions.urls")),
    path("", include("quizsite.courses.urls")),
    path("", include("quizsite.dashboards.urls")),
    path("", include("quizsite.learning.urls")),
    path("", include("quizsite.api.urls")),
    path("", include("quizsite.accounts.urls")),
    path("", include("quizsite.lib.urls")),  # /healthz/, /language/
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
