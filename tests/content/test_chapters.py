"""The book's chapters as the site shows them."""

from __future__ import annotations

import re

import pytest

from quizsite.book.chapter_file import ChapterFile, read_chapters
from tests.content.bank import CHAPTERS

BOOK = read_chapters(CHAPTERS)
SITE = "https://deepmachinelearning.ru"
WITH_QUESTIONS = {
    "training", "regularization", "special-architectures", "conv-images",
    "conv-architectures", "semantic-segmentation", "object-detection", "embeddings",
    "rnn",
}  # fmt: skip


def test_the_book_has_seventeen_chapters_and_a_conclusion():
    assert [chapter.order for chapter in BOOK] == list(range(18))
    assert (BOOK[0].slug, BOOK[-1].slug) == ("introduction", "conclusion")


def test_nine_chapters_of_the_book_have_questions():
    assert {one.slug for one in BOOK if one.has_questions} == WITH_QUESTIONS


def test_sections_are_numbered_from_one_without_gaps():
    for chapter in BOOK:
        numbers = [section.number for section in chapter.sections]
        assert numbers == list(range(1, len(numbers) + 1)), chapter.slug


def test_only_the_conclusion_has_no_sections():
    assert [one.slug for one in BOOK if not one.sections] == ["conclusion"]


def test_service_pages_of_the_book_are_no_sections():
    service = {"Вопросы", "Литература", "Дополнительная литература"}
    assert not service & {s.title for chapter in BOOK for s in chapter.sections}


@pytest.mark.parametrize("chapter", BOOK, ids=lambda one: one.slug)
def test_every_chapter_links_to_the_book(chapter: ChapterFile):
    assert chapter.url.startswith(SITE)
    assert all(s.url.startswith(SITE) for s in chapter.sections if s.url)


def test_no_two_sections_link_to_one_page():
    urls = [s.url for chapter in BOOK for s in chapter.sections if s.url]
    assert len(urls) == len(set(urls)) == 102


@pytest.mark.parametrize("chapter", BOOK, ids=lambda one: one.slug)
def test_a_summary_is_one_short_sentence(chapter: ChapterFile):
    assert len(chapter.summary) <= 140
    assert re.fullmatch(r"[А-ЯЁ][^.!?]*\.", chapter.summary)
