from __future__ import annotations

from django.urls import path

from quizsite.learning import views

app_name = "learning"
urlpatterns = [
    path("learning/", views.overview, name="overview"),
    path("learning/misconceptions/", views.misconceptions, name="misconceptions"),
    path("learning/<slug:slug>/review/", views.review, name="review"),
]
