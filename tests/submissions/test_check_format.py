"""A dry look at a solution: what would be graded, at no cost."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from quizsite.submissions.models import Submission
from tests.factories import SubmissionFactory

pytestmark = pytest.mark.django_db
PAGE = "/exercises/tr_attention/"
URL = f"{PAGE}check-format/"
SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return q\n"
STARTER = (
    "def attention(q, k, v, mask=None, causal=False):\n    raise NotImplementedError\n"
)
EVIL = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    cache.clear()


def notebook(*cells: str) -> SimpleUploadedFile:
    made = [{"cell_type": "code", "source": text, "metadata": {}} for text in cells]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": made})
    return SimpleUploadedFile("работа.ipynb", content.encode())


def look(client, source="", file=None, *, htmx=False) -> str:
    fields = {"source": source} | ({"file": file} if file else {})
    headers = {"HX-Request": "true"} if htmx else {}
    response = client.post(URL, fields, headers=headers)
    assert response.status_code == 200
    return response.text.replace("\xa0", " ")


def test_the_page_offers_it(client):
    page = client.get(PAGE).text
    assert f'formaction="{URL}#format"' in page
    assert f'hx-post="{URL}"' in page


@pytest.mark.parametrize("who", ["client", "as_bob"])
def test_good_code_is_said_to_be_good_and_nothing_is_stored(request, who):
    text = look(request.getfixturevalue(who), SOURCE, htmx=True)
    assert "Формат в порядке" in text
    assert "<code>attention</code>" in text
    assert not Submission.objects.exists()


def test_without_javascript_the_page_comes_back_with_the_text(client):
    page = look(client, SOURCE + "# моё\n")
    assert "Формат в порядке" in page
    assert "# моё" in page
    assert "<html" in page


def test_of_a_notebook_cells_and_left_out_definitions_are_told(client):
    file = notebook("import math", "x = 3", SOURCE, "print(1)", STARTER)
    text = look(client, file=file, htmx=True)
    assert "Взяты ячейки</dt><dd>3</dd>" in text
    assert "Не взяты ячейки</dt><dd>1–2, 4–5</dd>" in text
    assert "в ячейке 5 снова заготовка" in text
    assert "return q" in text


def test_after_a_file_without_javascript_it_is_asked_for_again(client):
    page = look(client, "kept = 1", notebook(SOURCE))
    assert "выберите его ещё раз" in page
    assert "kept = 1" in page


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "пустое"),
        ("def f(:", "интаксическая ошибка"),
        ("x = 1", "не найдено определение attention"),
        ("def attention(q): return q", "нужно обязательных аргументов: 3"),
        (
            SOURCE.replace("q\n", "F.scaled_dot_product_attention(q, k, v)\n")
            + "import torch.nn.functional as F\n",
            "нельзя использовать torch.nn.functional.scaled_dot_product_attention",
        ),
    ],
)
def test_what_would_be_refused_is_told_with_the_reason(client, source, words):
    text = look(client, source, htmx=True)
    assert "Так решение не примут" in text
    assert words in text


def test_what_is_likely_forgotten_is_warned_of(client):
    text = look(client, STARTER + "y = np.zeros(3)\n", htmx=True)
    assert "Ещё не написано: attention" in text
    assert "нигде не определено: np" in text


def test_a_file_that_is_too_large_is_told(client):
    file = SimpleUploadedFile("a.ipynb", b" " * (8 * 2**20 + 1))
    assert "Файл больше 8 МБ" in look(client, file=file, htmx=True)


def test_hostile_text_is_escaped(client):
    file = SimpleUploadedFile(f"{EVIL}.ipynb", notebook(f"x = '{EVIL}'").read())
    for text in (look(client, EVIL, htmx=True), look(client, file=file)):
        assert EVIL not in text
    cells = notebook(SOURCE.replace("q\n", f"'{EVIL}'\n"))
    assert EVIL not in look(client, file=cells, htmx=True)


def test_too_many_at_once_are_told_to_wait(client):
    for _ in range(30):
        look(client, "", htmx=True)
    assert "Слишком часто" in look(client, SOURCE, htmx=True)


def test_a_guest_who_hands_in_has_code_read_no_oftener(client):
    """It is read for them as well, though nothing is sent before they sign in."""
    for _ in range(30):
        assert client.post(PAGE, {"source": SOURCE}).status_code == 302
    refused = client.post(PAGE, {"source": SOURCE})
    assert refused.status_code == 422
    assert "Слишком часто" in refused.content.decode()
    assert "Слишком часто" in look(client, SOURCE, htmx=True)


def test_the_address_itself_leads_to_the_exercise(client):
    assert client.get(URL).headers["Location"] == PAGE
    assert client.post("/exercises/none/check-format/").status_code == 404


def test_charlie_learns_nothing_of_bobs_submissions(as_charlie, bob):
    of_bob = SubmissionFactory(user=bob, source="bobs = 1")
    page = look(as_charlie, SOURCE)
    assert str(of_bob.pk) not in page and "bobs" not in page
