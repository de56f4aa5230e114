"""Questions out and in on a page of the staff's; nobody else finds it."""

from __future__ import annotations

import contextlib
from html import unescape

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from quizsite.quizzes.exchange import files, moodle
from quizsite.quizzes.exchange.items import Unreadable, own_markdown
from quizsite.quizzes.models import Question
from tests.factories import UserFactory
from tests.quizzes.test_exchange import GIFT, MOODLE

PAGE = "/authors/exchange/"
FILE, BRING = f"{PAGE}file/", f"{PAGE}import/"
WANTED = {"chapter": "mlp", "to": "moodle", "variants": "2"}
BOMB = '<!DOCTYPE quiz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>'


@pytest.fixture
def author(client, db):
    client.force_login(UserFactory(username="author", is_staff=True))
    return client


def sent(content: str | bytes = GIFT, **more: object) -> dict[str, object]:
    data = content.encode() if isinstance(content, str) else content
    return {"file": SimpleUploadedFile("их вопросы.txt", data), "section": "3"} | more


def text(reply) -> str:
    return unescape(reply.content.decode())


def test_nobody_else_takes_or_brings(client, as_bob, as_charlie, as_alice, course):
    for visitor in (client, as_bob, as_charlie, as_alice):  # Alice instructs
        assert visitor.get(PAGE).status_code == 404
        assert visitor.get(PAGE, WANTED).status_code == 404
        assert visitor.get(FILE, WANTED).status_code == 404
        assert visitor.post(BRING, sent()).status_code == 404


def test_an_export_is_told_of_before_it_is_taken(author):
    page = text(author.get(PAGE, WANTED))
    assert "вместо параметров" in page
    assert f"{FILE}?chapter=mlp&to=moodle&variants=2" in page


@pytest.mark.parametrize(("to", "starts"), [("moodle", "<quiz>"), ("gift", "$CAT")])
def test_the_file_is_an_attachment(author, to, starts):
    reply = author.get(FILE, WANTED | {"to": to})
    assert reply["Content-Disposition"].startswith("attachment")
    assert text(reply).startswith(starts)


@pytest.mark.parametrize(
    "changes",
    [{"chapter": "../mlp"}, {"to": "word"}, {"variants": "21"}, {"variants": "0"}],
)
def test_an_export_of_what_is_not_there_is_refused(author, changes):
    assert author.get(PAGE, WANTED | changes).status_code == 422
    assert author.get(FILE, WANTED | changes).status_code == 404


@pytest.mark.parametrize("content", [GIFT, MOODLE])
def test_an_import_shows_what_is_lost(author, content):
    reply = author.post(BRING, sent(content))
    assert reply.status_code == 200
    assert "пропущен" in text(reply)
    assert not Question.objects.exists()


def test_the_authors_file_is_a_quiz(author):
    reply = author.post(BRING, sent(take="1"))
    assert reply["Content-Disposition"] == 'attachment; filename="quiz.yaml"'
    content = yaml.safe_load(reply.content)
    assert content["title"] == "их вопросы"
    assert {one["section"] for one in content["questions"]} == {3}


def test_markup_of_theirs_is_shown_as_text(author):
    evil = "::<script>x</script>::[html]<script>alert(1)</script> {=a ~b}"
    assert b"<script>x" not in author.post(BRING, sent(evil)).content


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BOMB, "DOCTYPE"),
        (BOMB.encode("utf-16-le"), "UTF-8"),
        ("<html></html>", "не Moodle XML"),
        ("<quiz>", "это не XML"),
        ("вопрос".encode("cp1251"), "UTF-8"),
        (b"x" * (files.MAX_UPLOAD + 1), "больше 1 МБ"),
        ("a {=b}\n\n" * (files.MOST_QUESTIONS + 1), "вопросов больше"),
        ("x\n\n" * 100_000, "вопросов больше"),
        ("", "файл"),
    ],
)
def test_a_file_that_is_none_is_refused(author, content, said):
    reply = author.post(BRING, sent(content))
    assert reply.status_code == 422
    assert said in text(reply)


def test_markup_nested_too_deep_is_refused():
    deep = "Why? {=a}".replace("Why?", "[html]" + "<b>" * 50_000)
    with pytest.raises(Unreadable, match="вложенность"):
        files.imported(deep.encode(), title="x", section=1)


@pytest.mark.parametrize("piece", ["{", "~%", "::", "->", "\\", "=a", "\\n"])
def test_a_repetition_is_read_in_one_go(piece):
    with contextlib.suppress(Unreadable):
        files.imported((piece * 200_000).encode(), title="x", section=1)


@pytest.mark.parametrize("opening", [r"\(", r"\[", "$$", r"\(x\)", r"\(\["])
def test_formulas_without_an_end_are_read_in_one_go(opening):
    """They took minutes, when the end of each was sought in all that follows."""
    assert own_markdown(opening * 100_000)


def test_a_mark_of_ours_in_their_text_stands_for_nothing():
    assert own_markdown("\ue0007\ue001 and \\(x\\)") == "and $x$"


def test_an_exported_chapter_comes_back():
    made = files.exported(files.chapters()["mlp"], to="moodle")
    assert len(moodle.read(made.content.encode()).items) == made.questions
    back = files.imported(made.content.encode(), title="x", section=1)
    assert back.questions == made.questions
