"""The pages on which authors see their files; nobody else does."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from tests.factories import UserFactory
from tests.quizzes.test_soundness import GOOD

PAGES = ["/authors/questions/", "/authors/questions/02-mlp/"]


@pytest.fixture
def author(client, db):
    client.force_login(UserFactory(username="author", is_staff=True))
    return client


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.CHAPTERS_DIR = tmp_path
    (tmp_path / "00-x").mkdir()
    (tmp_path / "00-x" / "quiz.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_sees_nothing(page, client, as_charlie, as_alice):
    for visitor in (client, as_charlie, as_alice):
        assert visitor.get(page).status_code == 404


def test_the_list_leads_to_every_file(author):
    page = author.get(PAGES[0]).content.decode()
    assert reverse("quizzes:preview", args=["15-transformer"]) in page


def test_a_file_is_shown_with_its_keys_and_hints(author, folder):
    page = author.get("/authors/questions/00-x/").content.decode()
    for part in (
        "Это разность.",
        "Начните с единиц.",
        "Сложите оба числа",
        "<code>sum",
    ):
        assert part in page


def test_another_variant_is_another_question(author, folder):
    one, two = (
        author.get("/authors/questions/00-x/", {"variant": n}).content for n in "12"
    )
    assert one != two


@pytest.mark.parametrize("odd", ["-1", "x", "9" * 50, "²"])
def test_an_odd_number_of_a_variant_is_the_first(author, folder, odd):
    page = author.get("/authors/questions/00-x/", {"variant": odd})
    assert "Вариант 0" in page.content.decode()


def test_a_malformed_file_is_told_not_raised(author, folder):
    path = folder / "00-x" / "quiz.yaml"
    path.write_text(GOOD.replace("type: numeric", "type: number"), encoding="utf-8")
    page = author.get("/authors/questions/00-x/")
    assert "нет типа «number»" in page.content.decode()
    path.write_text("title: [", encoding="utf-8")
    assert author.get("/authors/questions/00-x/").status_code == 200


def test_a_poll_gets_nothing_until_the_file_changes(author, folder):
    address, htmx = "/authors/questions/00-x/", {"HX-Request": "true"}
    stamp = author.get(address).context["preview"].stamp
    same = author.get(address, {"stamp": stamp}, headers=htmx)
    assert same.status_code == 204
    path = folder / "00-x" / "quiz.yaml"
    path.write_text(GOOD.replace("Сколько", "А сколько"), encoding="utf-8")
    fresh = author.get(address, {"stamp": stamp}, headers=htmx).content.decode()
    assert "А сколько" in fresh
    assert "<html" not in fresh


def test_a_file_that_is_not_there_is_not_found(author, folder):
    assert author.get("/authors/questions/no-such/").status_code == 404
