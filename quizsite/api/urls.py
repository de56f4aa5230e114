from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from quizsite.api import views
from quizsite.api.base import unknown_path
from quizsite.api.v1 import (
    answers,
    attempts,
    chapters,
    exchange,
    exercises,
    grades,
    learning,
    marking,
    misconceptions,
    openapi,
    overrides,
    question_regrades,
    regrades,
    replays,
    self_checks,
    submissions,
)

ASSIGNMENT = "courses/<slug:slug>/assignments/<slug:kind>/<slug:item>"

app_name = "api"
marking_urls: list[URLPattern] = [
    path("", marking.MarkingQueue.as_view(), name="marking"),
    path("take/", marking.MarkingTake.as_view(), name="marking_take"),
    path("agreement/", marking.MarkingAgreement.as_view(), name="agreement"),
    path("<int:response_id>/", marking.MarkingAnswer.as_view(), name="marking_answer"),
    path(
        "<int:response_id>/marks/", marking.MarkingMarks.as_view(), name="marking_marks"
    ),
]
v1: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="api:docs"), name="root"),
    path("openapi.json", openapi.openapi_json, name="openapi"),
    path("chapters/", chapters.ChapterList.as_view(), name="chapters"),
    path("chapters/<slug:slug>/", chapters.ChapterDetail.as_view(), name="chapter"),
    path("exercises/", exercises.ExerciseList.as_view(), name="exercises"),
    path("exercises/<slug:slug>/", exercises.ExerciseDetail.as_view(), name="exercise"),
    path(
        "exercises/<slug:slug>/check-format/",
        exercises.CheckFormat.as_view(),
        name="check_format",
    ),
    path(
        "exercises/<slug:slug>/examples/",
        exercises.Examples.as_view(),
        name="examples",
    ),
    path("attempts/", attempts.AttemptList.as_view(), name="attempts"),
    path(
        "attempts/<uuid:attempt_id>/",
        attempts.AttemptDetail.as_view(),
        name="attempt",
    ),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/",
        answers.Answer.as_view(),
        name="answer",
    ),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/check/",
        answers.Check.as_view(),
        name="check",
    ),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/hint/",
        answers.Hint.as_view(),
        name="hint",
    ),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/reveal/",
        answers.Reveal.as_view(),
        name="reveal",
    ),
    path(
        "attempts/<uuid:attempt_id>/answers/<int:position>/self-check/",
        self_checks.SelfCheck.as_view(),
        name="self_check",
    ),
    path(
        "attempts/<uuid:attempt_id>/finish/",
        attempts.Finish.as_view(),
        name="finish",
    ),
    path(
        "attempts/<uuid:attempt_id>/result/",
        attempts.Result.as_view(),
        name="result",
    ),
    path("submissions/", submissions.SubmissionList.as_view(), name="submissions"),
    path(
        "submissions/<uuid:submission_id>/",
        submissions.SubmissionDetail.as_view(),
        name="submission",
    ),
    path(
        "submissions/<uuid:submission_id>/restart/",
        regrades.Restart.as_view(),
        name="restart",
    ),
    path(
        "submissions/<uuid:submission_id>/replay/",
        replays.Replay.as_view(),
        name="replay",
    ),
    path(
        "submissions/<uuid:submission_id>/replay/archive/",
        replays.ReplayZip.as_view(),
        name="replay_zip",
    ),
    path("regrades/", regrades.RegradeList.as_view(), name="regrades"),
    path(
        "regrades/<uuid:regrade_id>/",
        regrades.RegradeDetail.as_view(),
        name="regrade",
    ),
    path(
        "regrades/<uuid:regrade_id>/commit/",
        regrades.Commit.as_view(),
        name="regrade_commit",
    ),
    path(
        "question-exports/<slug:slug>/",
        exchange.QuestionExport.as_view(),
        name="question_export",
    ),
    path(
        "question-imports/",
        exchange.QuestionImport.as_view(),
        name="question_import",
    ),
    path(
        "question-regrades/",
        question_regrades.QuestionRegradeList.as_view(),
        name="question_regrades",
    ),
    path(
        "question-regrades/<uuid:regrade_id>/",
        question_regrades.QuestionRegradeDetail.as_view(),
        name="question_regrade",
    ),
    path(
        "question-regrades/<uuid:regrade_id>/changes/",
        question_regrades.QuestionRegradeChanges.as_view(),
        name="question_regrade_changes",
    ),
    path(
        "question-regrades/<uuid:regrade_id>/commit/",
        question_regrades.QuestionRegradeCommit.as_view(),
        name="question_regrade_commit",
    ),
    path(
        "question-regrades/<uuid:regrade_id>/cancel/",
        question_regrades.QuestionRegradeCancel.as_view(),
        name="question_regrade_cancel",
    ),
    path(
        f"{ASSIGNMENT}/overrides/", overrides.OverrideList.as_view(), name="overrides"
    ),
    path(
        f"{ASSIGNMENT}/overrides/<str:username>/",
        overrides.OverrideDetail.as_view(),
        name="override",
    ),
    path("marking/", include(marking_urls)),  # answers outside of courses
    path("courses/<slug:slug>/marking/", include(marking_urls)),
    path("grades/", grades.GradeList.as_view(), name="grades"),
    path("learning/", learning.Learning.as_view(), name="learning"),
    path(
        "learning/misconceptions/",
        misconceptions.Misconceptions.as_view(),
        name="misconceptions",
    ),
    path(
        "courses/<slug:slug>/misconceptions/",
        misconceptions.CourseMisconceptions.as_view(),
        name="course_misconceptions",
    ),
    path(
        "courses/<slug:slug>/misconceptions/<slug:tag>/",
        misconceptions.CourseMisconception.as_view(),
        name="course_misconception",
    ),
    path(
        "learning/<slug:slug>/review/",
        learning.Review.as_view(),
        name="learning_review",
    ),
]
urlpatterns = [
    path("profile/tokens/", views.tokens, name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", views.revoke, name="revoke"),
    path("api/", views.docs, name="docs"),
    path("api/v1/", include(v1)),
    path("api/<path:rest>", unknown_path),
]
