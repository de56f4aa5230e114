from __future__ import annotations

from django.urls import include, path

from quizsite.dashboards import views

app_name = "dashboards"
pages = [
    path("", views.course, name="course"),
    path("submissions/", views.submissions, name="submissions"),
    path("attempts/", views.attempts, name="attempts"),
    path("misconceptions/", views.misconceptions, name="misconceptions"),
    path("misconceptions/<slug:tag>/", views.misconception, name="misconception"),
    path("exercises/<slug:item>/", views.exercise, name="exercise"),
    path("quizzes/<slug:item>/", views.quiz, name="quiz"),
    path("gradebook.csv", views.gradebook_csv, name="gradebook_csv"),
    path("submissions.csv", views.submissions_csv, name="submissions_csv"),
]
urlpatterns = [path("courses/<slug:slug>/dashboard/", include(pages))]
