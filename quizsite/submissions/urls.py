from __future__ import annotations

from django.urls import URLPattern, path

from quizsite.submissions import pages, regrade_views, replay_views, views

app_name = "submissions"


def replay_paths(name: str, tail: str, *, with_hidden: bool) -> list[URLPattern]:
    """The page and the archive, of the public inputs or of all."""
    page = f"submissions/<uuid:submission_id>/{tail}"
    which = {"with_hidden": with_hidden}
    return [
        path(page, replay_views.replay, which, name=name),
        path(f"{page}replay.zip", replay_views.replay_zip, which, name=f"{name}_zip"),
    ]


urlpatterns = [
    path("exercises/", pages.exercises, name="exercises"),
    path("exercises/<slug:slug>/", pages.exercise, name="exercise"),
    path("exercises/<slug:slug>/starter.py", pages.starter_py, name="starter_py"),
    path(
        "exercises/<slug:slug>/starter.ipynb", pages.starter_ipynb, name="starter_ipynb"
    ),
    path(
        "exercises/<slug:slug>/examples.zip",
        replay_views.examples_zip,
        name="examples_zip",
    ),
    path(
        "exercises/<slug:slug>/check-format/", pages.check_format, name="check_format"
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
    *replay_paths("replay", "replay/", with_hidden=False),
    *replay_paths("replay_all", "replay/all/", with_hidden=True),
]
