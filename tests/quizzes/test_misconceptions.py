"""The vocabulary of what is misunderstood, and where its words are used."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from exercises.spec import Mistake, all_exercises, load_exercise
from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes import misconceptions
from quizsite.quizzes.misconceptions import (
    FILE,
    faults,
    read_vocabulary,
    tag_of_mistake,
    unknown_tags,
    vocabulary,
)
from quizsite.quizzes.soundness import check_file
from tests.quizzes.conftest import MATCHING, NUMBER, PARSONS, SINGLE, mark, write_quiz

WORDS = """
sign: {title: Знак}
axes: {title: Оси, chapter: tasks, section: 1}
"""


@pytest.fixture
def words(tmp_path: Path, monkeypatch) -> Path:
    """A vocabulary of one's own, beside a book of one chapter."""
    path = tmp_path / "misconceptions.yaml"
    path.write_text(WORDS, encoding="utf-8")
    chapter = tmp_path / "chapters" / "01-tasks"
    chapter.mkdir(parents=True)
    (chapter / "chapter.yaml").write_text(
        "slug: tasks\norder: 1\ntitle: Задачи\nsummary: О задачах\n"
        "sections: [{number: 1, title: Изображения}]\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(misconceptions, "FILE", path)
    return path


def rewrite(path: Path, text: str) -> None:
    """Save it anew, a second later by the file's own clock."""
    saved_ns = path.stat().st_mtime_ns + 10**9
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(saved_ns, saved_ns))


def tagged(question: str, old: str, tag: str) -> str:
    assert old in question
    return question.replace(old, f"{old}, tag: {tag}")


TAGGED = [
    tagged(SINGLE, "hint: Вы спутали это.", "sing"),
    tagged(NUMBER, 'а не наоборот."', "sing"),
    tagged(MATCHING, "hint: Раз — это один.", "sing"),
    tagged(PARSONS, "hint: Сеть обучают.", "sing"),
]


@pytest.mark.parametrize("question", TAGGED)
def test_an_unknown_tag_is_refused_with_the_nearest(read, question):
    with pytest.raises(DocumentError, match="может быть, «sign»") as caught:
        read(question)
    assert caught.value.field.endswith(".tag")
    read(question.replace("tag: sing", "tag: sign"))


def test_a_tag_that_is_like_no_word_names_the_file(read):
    with pytest.raises(DocumentError, match="misconceptions.yaml"):
        read(TAGGED[0].replace("tag: sing", "tag: zzzz"))


def test_authors_are_told_of_a_tag_as_of_anything_else(tmp_path):
    [finding] = check_file(write_quiz(tmp_path, TAGGED[0]), 1).findings[:1]
    assert "нет заблуждения «sing»" in finding.message


def test_the_tag_of_what_was_confused_is_kept_with_the_mark(one):
    variant = one(TAGGED[0].replace("tag: sing", "tag: sign")).variant(1)
    wrong = next(c.id for c in variant.drawn.choices if c.html == "Неверно")
    assert mark(variant, wrong).as_json()["tags"] == ["sign"]
    assert mark(variant, variant.key).as_json()["tags"] == []


def test_wrong_pairs_and_lines_carry_their_tags(one):
    pairs = one(TAGGED[2].replace("tag: sing", "tag: sign")).variant(1)
    row = next(row for row in pairs.drawn.rows if row.label == "Раз")
    other = next(str(n) for n in (1, 2, 3) if str(n) != row.right)
    assert mark(pairs, {**pairs.key, row.id: other}).tags == ("sign",)
    lines = one(TAGGED[3].replace("tag: sing", "tag: sign")).variant(1)
    extra = next(line.id for line in lines.drawn.lines if line.rank is None)
    assert mark(lines, {**lines.key, extra: "6"}).tags == ("sign",)


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("Знак: {title: Знак}", "файл", "строчные латинские"),
        ("sign: {titel: Знак}", "sign", "нет обязательного поля «title»"),
        ("sign: {title: З, chapter: tasks}", "sign", "вместе"),
        ("sign: {title: 5}", "sign.title", "текст"),
        ("sign: {title: З, chapter: tasks, section: x}", "sign.section", "число"),
        ("- sign", "файл", "словарь"),
    ],
)
def test_a_malformed_vocabulary_is_refused(tmp_path, text, field, message):
    path = tmp_path / "misconceptions.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=message) as caught:
        read_vocabulary(path)
    assert caught.value.field == field


def test_a_changed_vocabulary_is_read_again(words):
    assert set(vocabulary()) == {"sign", "axes"}
    rewrite(words, "sign: {title: Знак}\nmore: {title: Ещё}\n")
    assert set(vocabulary()) == {"sign", "more"}


def test_a_link_that_leads_nowhere_is_told(words):
    assert [e for e in faults() if e.path == words] == []
    rewrite(words, WORDS.replace("section: 1", "section: 7"))
    [error] = [e for e in faults() if e.path == words]
    assert (error.field, error.line) == ("axes", 3)
    assert "нет раздела 7 главы «tasks»" in error.message


def test_a_mistake_of_an_exercise_has_to_use_the_vocabulary():
    exercise = load_exercise("tr_attention")
    mistake = Mistake("no_scale", "…", "atention-scaling")
    [error] = unknown_tags([replace(exercise, mistakes=(mistake,))])
    assert error.path == exercise.folder / "exercise.toml"
    assert error.field == "mistakes.no_scale.tag"
    assert "может быть, «attention-scaling»" in error.message


@pytest.mark.django_db
def test_the_book_is_not_loaded_with_a_broken_vocabulary(words):
    rewrite(words, WORDS.replace("tasks", "taskz"))
    with pytest.raises(CommandError, match="taskz"):
        call_command("load_book", verbosity=0)


def test_the_tag_of_a_known_mistake():
    assert tag_of_mistake("tr_attention", "no_scale") == "attention-scaling"
    assert tag_of_mistake("tr_attention", "unheard_of") == ""
    assert tag_of_mistake("no_such_exercise", "no_scale") == ""


# --- what is written ------------------------------------------------------------------


def test_the_vocabulary_and_its_users_are_sound():
    assert faults() == []


def test_every_known_mistake_of_the_exercises_is_named():
    for exercise in all_exercises():
        assert all(mistake.tag for mistake in exercise.mistakes), exercise.slug


def test_the_words_are_written_as_one_line_without_a_full_stop():
    for one in vocabulary().values():
        assert one.title == one.title.strip().rstrip(".")
        assert "\n" not in one.title
    titles = [one.title for one in vocabulary().values()]
    assert len(set(titles)) == len(titles)
    assert FILE.name == "misconceptions.yaml"
