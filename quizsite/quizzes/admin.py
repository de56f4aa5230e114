from __future__ import annotations

from django.contrib import admin

from quizsite.lib.admin import ReadOnlyAdmin
from quizsite.quizzes.models import Attempt, Question, Quiz


@admin.register(Quiz)
class QuizAdmin(ReadOnlyAdmin):
    list_display = ["title", "chapter"]
    list_select_related = ["chapter"]


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin):
    list_display = ["slug", "quiz", "position", "retired"]
    list_filter = ["quiz", "retired"]
    list_select_related = ["quiz"]


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ["user", "quiz", "started_at", "finished_at", "score", "max_score"]
    list_display_links = ["started_at"]
    list_filter = ["quiz"]
    search_fields = ["user__username"]
    exclude = ["seed", "guest_key"]  # one is a key, the other opens an attempt
    list_select_related = ["user", "quiz"]
