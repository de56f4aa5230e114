from __future__ import annotations

from django.urls import include, path

from quizsite.quizzes import (
    exchange_views,
    marking_views,
    preview_views,
    regrade_views,
    saving_views,
    views,
)

app_name = "quizzes"
marking = [
    path("", marking_views.marking, name="marking"),
    path("take/", marking_views.take, name="marking_take"),
    path("names/", marking_views.names, name="marking_names"),
    path("<int:response_id>/", marking_views.mark, name="mark"),
]
urlpatterns = [
    path("chapters/<slug:slug>/quiz/", views.start, name="start"),
    path("attempts/<uuid:attempt_id>/", views.attempt, name="attempt"),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/",
        saving_views.answer,
        name="answer",
    ),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/history/",
        saving_views.history,
        name="history",
    ),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/<slug:what>/",
        saving_views.practise,
        name="practise",
    ),
    path("attempts/<uuid:attempt_id>/clock/", saving_views.clock, name="clock"),
    path("attempts/<uuid:attempt_id>/finish/", views.finish, name="finish"),
    path("attempts/<uuid:attempt_id>/result/", views.result, name="result"),
    path(
        "attempts/<uuid:attempt_id>/self-check/<int:position>/",
        views.self_check,
        name="self_check",
    ),
    path("marking/", include(marking)),  # answers outside of courses
    path("courses/<slug:slug>/marking/", include(marking)),
    path("authors/undecided/", preview_views.undecided, name="undecided"),
    path("question-regrades/", regrade_views.regrades, name="regrades"),
    path("question-regrades/<uuid:regrade_id>/", regrade_views.regrade, name="regrade"),
    path(
        "question-regrades/<uuid:regrade_id>/commit/",
        regrade_views.commit,
        name="regrade_commit",
    ),
    path(
        "question-regrades/<uuid:regrade_id>/cancel/",
        regrade_views.cancel,
        name="regrade_cancel",
    ),
    path("authors/exchange/", exchange_views.exchange, name="exchange"),
    path("authors/exchange/file/", exchange_views.download, name="exchange_download"),
    path("authors/exchange/import/", exchange_views.bring, name="exchange_bring"),
    path("authors/questions/", preview_views.files, name="previews"),
    path("authors/questions/<slug:folder>/", preview_views.file, name="preview"),
]
