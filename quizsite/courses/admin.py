from __future__ import annotations

from django.contrib import admin

from quizsite.courses.models import Assignment, Course, Enrolment, GradeEvent
from quizsite.lib.admin import ReadOnlyAdmin


class EnrolmentInline(admin.TabularInline):
    model = Enrolment
    autocomplete_fields = ["user"]
    extra = 0


class AssignmentInline(admin.TabularInline):
    model = Assignment
    fields = ["kind", "item", "title", "position", "due_at", "max_points"]
    extra = 0


@admin.register(Course)
class CourseAdmin(admin.ModelAdmin):
    list_display = ["title", "slug", "join_code", "created_at"]
    search_fields = ["title", "slug"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [AssignmentInline, EnrolmentInline]


@admin.register(GradeEvent)
class GradeEventAdmin(ReadOnlyAdmin):
    list_display = ["user", "kind", "item", "share", "handed_in_at"]
    list_filter = ["kind", "item"]
    search_fields = ["user__username", "user__display_name"]
    list_select_related = ["user"]
