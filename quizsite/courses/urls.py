from __future__ import annotations

from django.urls import path

from quizsite.courses import exercise_terms_views, terms_views, views

app_name = "courses"
urlpatterns = [
    path("courses/", views.course_list, name="list"),
    path("courses/join/", views.join, name="join"),
    path("courses/new/", views.create, name="create"),
    path("courses/<slug:slug>/", views.detail, name="detail"),
    path("courses/<slug:slug>/edit/", views.edit, name="edit"),
    path("courses/<slug:slug>/quizzes/<slug:item>/", terms_views.terms, name="terms"),
    path(
        "courses/<slug:slug>/quizzes/<slug:item>/overrides/",
        terms_views.override,
        name="override",
    ),
    path(
        "courses/<slug:slug>/quizzes/<slug:item>/overrides/<int:override_id>/drop/",
        terms_views.drop_override,
        name="drop_override",
    ),
    path(
        "courses/<slug:slug>/exercises/<slug:item>/overrides/",
        exercise_terms_views.overrides,
        name="exercise_overrides",
    ),
    path(
        "courses/<slug:slug>/exercises/<slug:item>/overrides/<int:override_id>/drop/",
        exercise_terms_views.drop,
        name="drop_exercise_override",
    ),
]
