from __future__ import annotations

from django.urls import path

from quizsite.courses import views

app_name = "courses"
urlpatterns = [
    path("courses/", views.course_list, name="list"),
    path("courses/join/", views.join, name="join"),
    path("courses/new/", views.create, name="create"),
    path("courses/<slug:slug>/", views.detail, name="detail"),
    path("courses/<slug:slug>/edit/", views.edit, name="edit"),
]
