"""Chapters and exercises: everybody may read them, as far as they are public."""

from __future__ import annotations

import pytest

from exercises.spec import all_exercises
from tests.factories import ChapterFactory, SectionFactory

PRIVATE = ("reference", "mistakes", "probe", "digest", "folder", "uuid", "seed")


def test_chapters_are_listed_in_the_books_order(guest):
    for order in (2, 1):
        ChapterFactory(slug=f"c{order}", order=order)
    answer = guest.get("chapters/")
    assert [one["slug"] for one in answer.json["results"]] == ["c1", "c2"]


def test_a_chapter_has_its_sections_quiz_and_exercises(guest, quiz):
    answer = guest.get("chapters/transformer/")
    assert answer.json["has_quiz"] is True
    assert [one["number"] for one in answer.json["sections"]] == [1]
    assert answer.json["exercises"] == [
        "tr_attention",
        "tr_flash_attention",
        "tr_multihead",
    ]


def test_lists_come_in_pages(guest):
    for order in range(3):
        ChapterFactory(order=order)
    answer = guest.get("chapters/?limit=2")
    assert len(answer.json["results"]) == 2
    rest = guest.get(answer.json["next"])
    assert len(rest.json["results"]) == 1


@pytest.mark.parametrize("query", ["limit=x", "limit=-1", "offset=x", "limit=10000"])
def test_a_nonsense_page_is_an_answer(guest, quiz, query):
    assert guest.get(f"chapters/?{query}").status == 200


def test_chapters_take_a_constant_number_of_queries(guest, django_assert_num_queries):
    for _ in range(5):
        SectionFactory()
    with django_assert_num_queries(2):
        guest.get("chapters/")


def test_every_exercise_is_listed(guest):
    answer = guest.get("exercises/")
    slugs = [one["slug"] for one in answer.json["results"]]
    assert slugs == [one.slug for one in all_exercises()]


def test_an_exercise_has_what_is_needed_to_solve_it(guest):
    answer = guest.get("exercises/tr_attention/")
    assert "NotImplementedError" in answer.json["starter"]
    assert answer.json["statement"]
    assert answer.json["requires"]
    known = {"name", "title", "points", "public", "device"}
    assert set(answer.json["checks"][0]) == known


@pytest.mark.parametrize("exercise", all_exercises(), ids=lambda one: one.slug)
def test_an_exercise_never_gives_its_answer_away(guest, exercise):
    answer = guest.get(f"exercises/{exercise.slug}/")
    assert not set(PRIVATE) & set(answer.json)
    reference = (exercise.folder / "reference.py").read_text(encoding="utf-8")
    body = reference.split('"""')[-1].strip()
    assert body not in answer.text
    for mistake in exercise.mistakes:
        assert mistake.hint not in answer.text
