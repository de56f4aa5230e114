"""The list of exercises, one exercise, handing code in, starter files."""

from __future__ import annotations

import json
from uuid import uuid4

import nbformat
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape

from exercises.spec import all_exercises
from graders.intake import read_upload
from quizsite.submissions.models import Submission
from quizsite.submissions.starter import signatures
from tests.conftest import signed_in
from tests.factories import ChapterFactory, SubmissionFactory

pytestmark = pytest.mark.django_db
PAGE = "/exercises/tr_attention/"
SOURCE = "def attention(q, k, v, mask=None, causal=False):\n    return q\n"
HOSTILE = "</textarea><script>alert(1)</script>&quot;\"'</template>"


@pytest.fixture(autouse=True)
def _broker(broker):
    return broker


def hand_in(client: Client, **fields):
    return client.post(PAGE, {"source": "", "token": uuid4().hex} | fields)


def notebook(*cells: str, **more) -> bytes:
    made = [
        {"cell_type": "code", "source": text, "metadata": {}, "outputs": []}
        for text in cells
    ]
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}
    return json.dumps(document | more).encode()


def upload(client: Client, name: str, content: bytes, **fields):
    return hand_in(client, file=SimpleUploadedFile(name, content), **fields)


def refusal(response) -> str:
    """What the page says; the editor still holds what was written."""
    assert response.status_code == 422
    assert not Submission.objects.exists()
    return response.content.decode().split('role="alert"')[1].split("</div>")[0]


class TestList:
    def test_every_exercise_is_listed_under_its_chapter(self, client):
        ChapterFactory(slug="transformer", title="Трансформер")
        page = client.get("/exercises/").content.decode()
        assert "Трансформер" in page
        for exercise in all_exercises():
            assert f"/exercises/{exercise.slug}/" in page

    def test_it_shows_ones_own_status(self, as_bob, bob):
        SubmissionFactory(user=bob, state="done", verdict="accepted", score=1.0)
        assert "решено" in as_bob.get("/exercises/").content.decode()

    def test_charlie_sees_nothing_of_it(self, as_charlie, bob):
        SubmissionFactory(user=bob, state="done", verdict="accepted", score=1.0)
        assert "решено" not in as_charlie.get("/exercises/").content.decode()


class TestPage:
    def test_it_shows_statement_checks_limits_and_the_starter(self, client, exercise):
        page = client.get(PAGE).content.decode()
        assert exercise.title in page
        assert '<span class="math inline">' in page
        for check in exercise.checks:
            assert escape(check.title) in page
        assert "512" in page
        assert "scaled_dot_product_attention" in page
        assert "raise NotImplementedError" in page

    def test_an_unknown_exercise_is_not_found(self, client):
        assert client.get("/exercises/no_such_thing/").status_code == 404
        assert client.get("/exercises/no_such_thing/starter.py").status_code == 404

    def test_neither_reference_nor_hints_are_on_the_page(self, client, exercise):
        page = client.get(PAGE).content.decode()
        assert "masked_fill" not in page
        assert not any(mistake.hint in page for mistake in exercise.mistakes)

    def test_ones_last_code_is_in_the_editor(self, as_bob, bob):
        SubmissionFactory(user=bob, source="last = 1\n")
        assert "last = 1" in as_bob.get(PAGE).content.decode()

    def test_an_earlier_submission_can_be_taken_up_again(self, as_bob, bob):
        earlier = SubmissionFactory(user=bob, source="earlier = 1\n")
        SubmissionFactory(user=bob, source="later = 1\n")
        page = as_bob.get(f"{PAGE}?from={earlier.pk}").content.decode()
        assert "earlier = 1" in page

    def test_charlie_cannot_take_up_bobs(self, as_charlie, bob):
        of_bob = SubmissionFactory(user=bob)
        assert as_charlie.get(f"{PAGE}?from={of_bob.pk}").status_code == 404

    def test_nonsense_instead_of_an_earlier_one_is_ignored(self, client):
        assert client.get(f"{PAGE}?from=nonsense").status_code == 200

    def test_only_ones_own_submissions_are_listed(self, as_charlie, as_bob, bob):
        of_bob = SubmissionFactory(user=bob)
        assert of_bob.get_absolute_url() in as_bob.get(PAGE).content.decode()
        assert of_bob.get_absolute_url() not in as_charlie.get(PAGE).content.decode()


class TestHandingIn:
    def test_typed_code_becomes_a_submission(self, as_bob, bob, broker):
        response = hand_in(as_bob, source=SOURCE.replace("\n", "\r\n"))
        submission = Submission.objects.get(user=bob)
        assert response.headers["Location"] == submission.get_absolute_url()
        assert submission.source == SOURCE

    def test_a_file_wins_over_the_editor(self, as_bob):
        upload(as_bob, "мой код.py", SOURCE.encode(), source="other = 1")
        submission = Submission.objects.get()
        assert (submission.source, submission.filename) == (SOURCE, "мой код.py")

    def test_a_notebook_becomes_the_code_it_defines(self, as_bob):
        upload(as_bob, "a.ipynb", notebook("import torch\n", SOURCE, "!ls\n1 / 0"))
        submission = Submission.objects.get()
        assert "def attention" in submission.source
        assert "1 / 0" not in submission.source

    def test_a_double_click_makes_one_submission(self, as_bob):
        first = hand_in(as_bob, source=SOURCE, token="t")
        second = hand_in(as_bob, source=SOURCE, token="t")
        assert first.headers["Location"] == second.headers["Location"]
        assert Submission.objects.count() == 1

    def test_back_an_edit_and_submit_make_another(self, as_bob):
        hand_in(as_bob, source=SOURCE, token="t")
        hand_in(as_bob, source=SOURCE + "\n# edited\n", token="t")
        assert Submission.objects.count() == 2

    @pytest.mark.parametrize(
        ("source", "problem"),
        [
            ("", "пустое"),
            ("  \n", "пустое"),
            ("def attention(:\n", "Строка\xa01"),
            ("x = 1\n" * 60_000, "большой"),
            ("x = '\x00'", "Решение не отправлено"),
            ("(" * 5000, "Решение не отправлено"),
        ],
        ids=["empty", "blank", "syntax", "too large", "null byte", "too deep"],
    )
    def test_bad_code_is_refused_and_kept(self, as_bob, source, problem):
        response = hand_in(as_bob, source=source)
        assert problem in refusal(response)
        shown = response.content.decode()
        assert source[:1000].strip() in shown.replace("&#x27;", "'")

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("a.py", b"", "пустое"),
            ("a.py", "x = 'ё'".encode("cp1251"), "UTF-8"),
            ("a.py", b"x" * (256 * 1024 + 1), "большой"),
            ("a.ipynb", b"{broken", "JSON"),
            ("a.ipynb", b"[]", "nbformat"),
            ("a.ipynb", b'{"nbformat": 3, "worksheets": []}', "формате 3"),
            ("a.ipynb", notebook(*["x = 1"] * 10_001), "не больше"),
            ("a.ipynb", notebook("x = 1"), "attention"),
            ("a.ipynb", notebook(SOURCE) + b" " * 9_000_000, "8"),
            ("a.ipynb", b"[" * 100_000, "JSON"),
        ],
    )
    def test_a_bad_file_is_refused_and_the_editor_kept(
        self, as_bob, name, content, problem
    ):
        response = upload(as_bob, name, content, source="kept = 1")
        assert problem in refusal(response)
        assert "kept = 1" in response.content.decode()

    def test_hostile_text_is_escaped_wherever_it_is_shown(self, as_bob):
        source = f"def attention(:\n    {HOSTILE}\n"
        response = upload(as_bob, f"{HOSTILE}.py", source.encode(), source=HOSTILE)
        assert b"<script>alert" not in response.content

    def test_a_very_long_file_name_is_cut(self, as_bob):
        upload(as_bob, f"{'a' * 400}.py", SOURCE.encode())
        assert len(Submission.objects.get().filename) <= 200


class TestGuest:
    def test_code_is_kept_while_a_guest_signs_in(self, client, bob):
        response = hand_in(client, source=SOURCE)
        assert response.headers["Location"].startswith("/accounts/login/?next=")
        assert not Submission.objects.exists()
        client.force_login(bob)
        assert "return q" in client.get(PAGE).content.decode()
        hand_in(client, source=SOURCE)
        assert Submission.objects.get().user == bob

    def test_a_guests_notebook_is_kept_as_code(self, client, bob):
        upload(client, "a.ipynb", notebook(SOURCE))
        assert "return q" in client.get(PAGE).content.decode()

    def test_a_guest_is_told_of_bad_code_at_once(self, client):
        assert "пустое" in refusal(hand_in(client, source=""))

    def test_the_draft_goes_once_the_code_is_sent(self, client, bob):
        hand_in(client, source="draft = 1\n")
        client.force_login(bob)
        hand_in(client, source=SOURCE)
        assert "draft = 1" not in client.get(PAGE).content.decode()


class TestStarter:
    def test_the_file_is_the_starter(self, client, exercise):
        response = client.get(f"{PAGE}starter.py")
        assert response.content.decode() == exercise.starter
        assert 'filename="tr_attention.py"' in response["Content-Disposition"]

    def test_the_notebook_is_valid_and_holds_the_starter(self, client, exercise):
        response = client.get(f"{PAGE}starter.ipynb")
        made = nbformat.reads(response.content.decode(), as_version=4)
        nbformat.validate(made)
        cells = {cell.id: cell for cell in made.cells}
        assert cells["statement"].cell_type == "markdown"
        assert f"http://testserver{PAGE}" in cells["statement"].source
        assert cells["solution"].source == exercise.starter.rstrip()
        assert cells["check"].source.startswith("check()")
        assert cells["submit"].source.startswith("submit()")

    def test_a_filled_in_notebook_is_taken_back(self, client, exercise):
        made = json.loads(client.get(f"{PAGE}starter.ipynb").content)
        intake = read_upload(json.dumps(made).encode(), "a.ipynb", exercise.requires)
        assert "def attention" in intake.source
        assert "manual_seed" not in intake.source
        assert "urlopen" not in intake.source

    @pytest.mark.parametrize("one", all_exercises(), ids=lambda one: one.slug)
    def test_signatures_name_everything_required(self, one):
        headers = signatures(one)
        for name in one.requires:
            assert name in headers
        assert "NotImplementedError" not in headers


def test_pages_need_few_queries(bob, django_assert_max_num_queries):
    client = signed_in(bob)
    SubmissionFactory.create_batch(12, user=bob)
    with django_assert_max_num_queries(8):
        client.get(PAGE)
    with django_assert_max_num_queries(8):
        client.get("/exercises/")
