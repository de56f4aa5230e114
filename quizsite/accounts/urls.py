from __future__ import annotations

from django.urls import path

from quizsite.accounts import views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/notices/seen/", views.notices_seen, name="notices_seen"),
    path("setup/<str:token>/", views.setup, name="setup"),
]
