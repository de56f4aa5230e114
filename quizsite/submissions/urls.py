from __future__ import annotations

from django.urls import path

from quizsite.submissions import pages, regrade_views, views

app_name = "submissions"
urlpatterns = [
    path("exercises/", pages.exercises, name="exercises"),
    path("exercises/<slug:slug>/", pages.exercise, name="exercise"),
    path("exercises/<slug:slug>/starter.py", pages.starter_py, name="starter_py"),
    path(
        "exercises/<slug:slug>/starter.ipynb", pages.starter_ipynb, name="starter_ipynb"
    ),
    path("regrades/", regrade_views.regrades, name="regrades"),
    path("regrades/<uuid:regrade_id>/", regrade_views.regrade, name="regrade"),
    path(
        "regrades/<uuid:regrade_id>/commit/",
        regrade_views.commit,
        name="regrade_commit",
    ),
    path(
        "regrades/<uuid:regrade_id>/cancel/",
        regrade_views.cancel,
        name="regrade_cancel",
    ),
    path("submissions/", views.mine, name="mine"),
    path("submissions/<uuid:submission_id>/", views.detail, name="detail"),
    path("submissions/<uuid:submission_id>/status/", views.status, name="status"),
    path("submissions/<uuid:submission_id>/source/", views.source, name="source"),
    path("submissions/<uuid:submission_id>/restart/", views.restart, name="restart"),
]
