"""The demonstration course is complete and names only things that exist."""

from __future__ import annotations

from pathlib import Path

import yaml

from quizsite.book.chapter_file import read_chapters
from tests.content.bank import CHAPTERS

ROOT = Path(__file__).parents[2]
COURSE = yaml.safe_load((ROOT / "fixtures/courses/demo.yaml").read_text("utf-8"))


def test_ten_invented_students_have_different_names():
    students = COURSE["students"]
    assert len({one["username"] for one in students}) == 10
    assert len({one["display_name"] for one in students}) == 10


def test_the_instructor_is_no_student():
    names = {one["username"] for one in COURSE["students"]}
    assert COURSE["instructor"]["username"] not in names


def test_user_names_are_plain():
    people = [COURSE["instructor"], *COURSE["students"]]
    assert all(one["username"].isascii() for one in people)
    assert all(one["username"].islower() for one in people)


def test_assigned_quizzes_exist():
    with_quiz = {
        one.slug
        for one in read_chapters(CHAPTERS)
        if (one.path.parent / "quiz.yaml").exists()
    }
    assert assigned("quiz", "chapter") == {"training", "transformer"} <= with_quiz


def test_four_exercises_are_assigned():
    slugs = {"train_adam_adamw", "tr_attention", "img_conv2d_im2col", "reg_dropout"}
    assert assigned("exercise", "exercise") == slugs


def test_every_assignment_has_time():
    assert all(7 <= one["due_days"] <= 60 for one in COURSE["assignments"])


def assigned(kind: str, key: str) -> set[str]:
    return {one[key] for one in COURSE["assignments"] if one["kind"] == kind}
