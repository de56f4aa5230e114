from __future__ import annotations

from django.urls import path

from quizsite.book import views

app_name = "book"
urlpatterns = [
    path("", views.contents, name="contents"),
    path("chapters/<slug:slug>/", views.chapter, name="chapter"),
]
