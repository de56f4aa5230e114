"""``fixtures/courses/*.yaml``: a course with invented people, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from exercises.spec import UnknownExercise, load_exercise
from quizsite.courses.models import ItemKind
from quizsite.lib.sourced_yaml import Document, read_document
from quizsite.quizzes.models import Quiz


@dataclass(frozen=True, slots=True)
class Invented:
    """A person who does not exist."""

    username: str
    display_name: str


@dataclass(frozen=True, slots=True)
class Assigned:
    kind: ItemKind
    slug: str
    title: str
    due_days: int  # after the course began


@dataclass(frozen=True, slots=True)
class CourseFile:
    slug: str
    title: str
    join_code: str
    instructor: Invented
    students: tuple[Invented, ...]
    assignments: tuple[Assigned, ...]


def read_course_file(path: Path) -> CourseFile:
    """Read a course; what it assigns must be there already.

    Raises:
        DocumentError: with file, line and field.
    """
    document = read_document(path)
    names = ("slug", "title", "join_code")
    document.keys(required={*names, "instructor", "students", "assignments"})
    slug, title, code = (document.get(name, str) for name in names)
    return CourseFile(
        slug=slug,
        title=title,
        join_code=code,
        instructor=_person(document.child("instructor")),
        students=tuple(_person(one) for one in document.child("students").items()),
        assignments=tuple(
            _assigned(one) for one in document.child("assignments").items()
        ),
    )


def _person(document: Document) -> Invented:
    document.keys(required={"username", "display_name"})
    return Invented(document.get("username", str), document.get("display_name", str))


def _assigned(document: Document) -> Assigned:
    if document.expect(dict).get("kind") == ItemKind.QUIZ:
        document.keys(required={"kind", "chapter", "due_days"})
        slug = document.get("chapter", str)
        kind, title = ItemKind.QUIZ, _quiz_title(document.child("chapter"))
    else:
        document.keys(required={"kind", "exercise", "due_days"})
        slug = document.get("exercise", str)
        kind, title = ItemKind.EXERCISE, _exercise_title(document.child("exercise"))
    return Assigned(kind, slug, title, document.get("due_days", int))


def _quiz_title(document: Document) -> str:
    quiz = Quiz.objects.filter(chapter__slug=document.value).first()
    if quiz is None:
        raise document.error("у такой главы нет квиза; сначала load_book")
    return quiz.title


def _exercise_title(document: Document) -> str:
    try:
        return load_exercise(document.value).title
    except UnknownExercise as error:
        raise document.error(f"нет задания «{document.value}»") from error
