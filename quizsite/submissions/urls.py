from __future__ import annotations

from django.urls import path

from quizsite.submissions import pages, views

app_name = "submissions"
urlpatterns = [
    path("exercises/", pages.exercises, name="exercises"),
    path("exercises/<slug:slug>/", pages.exercise, name="exercise"),
    path("exercises/<slug:slug>/starter.py", pages.starter_py, name="starter_py"),
    path(
        "exercises/<slug:slug>/starter.ipynb", pages.starter_ipynb, name="starter_ipynb"
    ),
    path("submissions/", views.mine, name="mine"),
    path("submissions/<uuid:submission_id>/", views.detail, name="detail"),
    path("submissions/<uuid:submission_id>/status/", views.status, name="status"),
    path("submissions/<uuid:submission_id>/source/", views.source, name="source"),
    path("submissions/<uuid:submission_id>/restart/", views.restart, name="restart"),
]
