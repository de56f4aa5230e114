"""The chapters say what their files say, and a malformed file changes nothing."""

from __future__ import annotations

import shutil

import pytest
from django.conf import settings

from quizsite.book.models import Chapter, Section
from quizsite.book.services import load_chapters
from quizsite.lib.loading import DocumentErrors, LoadReport
from quizsite.quizzes.models import Attempt, Quiz
from tests.book.content import NETS, TRAINING, write_book, write_chapter

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(tmp_path):
    return write_book(tmp_path)


def faults(book) -> list[str]:
    with pytest.raises(DocumentErrors) as caught:
        load_chapters(book)
    return [str(error).removeprefix(f"{book}/") for error in caught.value.errors]


def test_chapters_and_sections_are_made(book):
    assert load_chapters(book) == LoadReport(created=2)
    nets = Chapter.objects.get(slug="nets")
    assert (nets.order, nets.title, nets.version) == (1, "Сети", 1)
    assert nets.has_questions
    assert [(s.number, s.title, s.url) for s in nets.sections.all()] == [
        (1, "Нейрон", "https://deepmachinelearning.ru/nets/neuron"),
        (2, "Слой", ""),
    ]


def test_the_second_time_changes_nothing(book):
    load_chapters(book)
    before = list(Chapter.objects.values()), list(Section.objects.values())
    assert load_chapters(book) == LoadReport(unchanged=2)
    assert (list(Chapter.objects.values()), list(Section.objects.values())) == before


def test_a_changed_file_makes_the_next_version_of_its_chapter_alone(book):
    load_chapters(book)
    write_chapter(book, NETS.replace("Нейрон", "Персептрон"), "01-nets")
    assert load_chapters(book) == LoadReport(changed=1, unchanged=1)
    versions = dict(Chapter.objects.values_list("slug", "version"))
    assert versions == {"nets": 2, "training": 1}
    assert Section.objects.filter(title="Персептрон").exists()


def test_a_section_gone_from_the_file_goes(book):
    load_chapters(book)
    write_chapter(book, NETS[: NETS.index("  - number: 2")], "01-nets")
    load_chapters(book)
    assert [s.number for s in Chapter.objects.get(slug="nets").sections.all()] == [1]


def test_chapters_may_change_places(book):
    load_chapters(book)
    shutil.rmtree(book)
    write_chapter(book, NETS.replace("order: 1", "order: 2"), "02-nets")
    write_chapter(book, TRAINING.replace("order: 2", "order: 1"), "01-training")
    assert load_chapters(book) == LoadReport(changed=2)
    assert [c.slug for c in Chapter.objects.all()] == ["training", "nets"]


def test_a_new_chapter_in_between_moves_the_others_without_losing_any(book):
    load_chapters(book)
    shutil.rmtree(book / "02-training")
    write_chapter(book, TRAINING.replace("order: 2", "order: 3"), "03-training")
    new = TRAINING.replace("training", "middle")
    write_chapter(book, new, "02-middle")
    assert load_chapters(book) == LoadReport(created=1, changed=1, unchanged=1)
    assert [c.order for c in Chapter.objects.all()] == [1, 2, 3]


def test_a_chapter_gone_from_the_files_goes(book):
    load_chapters(book)
    shutil.rmtree(book / "02-training")
    assert load_chapters(book) == LoadReport(unchanged=1, removed=1)


def test_a_chapter_with_attempts_does_not_go_silently(book, bob):
    load_chapters(book)
    quiz = Quiz.objects.create(chapter=Chapter.objects.get(slug="training"), title="К")
    Attempt.objects.create(quiz=quiz, user=bob, seed=bytes(16))
    shutil.rmtree(book / "02-training")
    (fault,) = faults(book)
    assert "training: папка исчезла" in fault
    assert Chapter.objects.count() == 2


MALFORMED = {
    "slug: nets\n": ("slug: Сети\n", "01-nets/chapter.yaml:1: slug: «Сети»"),
    "order: 1\n": ("order: -1\n", "01-nets/chapter.yaml:2: order: -1"),
    "order: 1": ("order: первая", "01-nets/chapter.yaml:2: order: ожидалось целое"),
    "title: Сети\n": ("title: ''\n", "01-nets/chapter.yaml:3: title: нужна одна"),
    "title: Сети": (f"title: {'С' * 201}", "01-nets/chapter.yaml:3: title: нужна"),
    "https://deepmachinelearning.ru/nets\n": (
        "javascript:alert(1)\n",
        "01-nets/chapter.yaml:4: url: «javascript:alert(1)»",
    ),
    "has_questions: true": (
        "has_questions: да",
        "01-nets/chapter.yaml:5: has_questions: ожидалось true или false",
    ),
    "summary": ("sumary", "01-nets/chapter.yaml:1: файл: нет обязательного поля"),
    "number: 2": ("number: 1", "01-nets/chapter.yaml:11: sections[1].number: раздел 1"),
    "    title: Слой\n": ("", "01-nets/chapter.yaml:11: sections[1]: нет обяз"),
    "has_questions": ("questions", "01-nets/chapter.yaml:5: questions: неизвестное"),
}


@pytest.mark.parametrize("old", MALFORMED)
def test_a_malformed_file_is_told_by_file_line_and_field(book, old):
    new, expected = MALFORMED[old]
    write_chapter(book, NETS.replace(old, new, 1), "01-nets")
    (fault,) = faults(book)
    assert fault.startswith(expected)
    assert not Chapter.objects.exists()


def test_every_fault_is_told_at_once(book):
    write_chapter(book, NETS.replace("order: 1", "order: x"), "01-nets")
    write_chapter(book, TRAINING.replace("title: Обучение", "title: 5"), "02-training")
    assert len(faults(book)) == 2


def test_a_malformed_file_leaves_what_was_loaded(book):
    load_chapters(book)
    before = list(Chapter.objects.values())
    write_chapter(book, NETS.replace("Нейрон", "Персептрон"), "01-nets")
    write_chapter(book, TRAINING.replace("order: 2", "order: x"), "02-training")
    faults(book)
    assert list(Chapter.objects.values()) == before


def test_the_folder_is_called_as_the_chapter(book):
    (book / "02-training").rename(book / "03-training")
    (fault,) = faults(book)
    assert "папка называется «03-training», а нужно «02-training»" in fault


def test_two_chapters_cannot_have_one_place_or_one_name(book):
    write_chapter(book, TRAINING.replace("order: 2", "order: 1"), "01-training")
    told = "\n".join(faults(book))
    assert "order: «1» уже занято" in told
    assert "slug: «training» уже занято" in told


def test_an_empty_folder_does_not_empty_the_book(book, tmp_path):
    load_chapters(book)
    with pytest.raises(DocumentErrors, match="нет ни одного файла"):
        load_chapters(tmp_path / "nowhere")
    assert Chapter.objects.count() == 2


def test_the_real_book_has_seventeen_chapters_and_the_conclusion():
    assert load_chapters(settings.CHAPTERS_DIR) == LoadReport(created=18)
    slugs = list(Chapter.objects.values_list("slug", flat=True))
    assert (slugs[0], slugs[-1]) == ("introduction", "conclusion")
    assert Section.objects.count() == 109
    asked = Chapter.objects.filter(has_questions=True).count()
    assert asked == 9
