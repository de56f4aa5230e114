"""Pools and shuffles are pure functions of the attempt's seed."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from quizsite.lib.sourced_yaml import DocumentError
from quizsite.quizzes.draws import ANY, draw
from quizsite.quizzes.questions import load_quiz_file
from tests.quizzes.conftest import NUMBER, SINGLE, quiz_text


@dataclass(frozen=True)
class Asked:
    name: str
    tags: frozenset[str]


def asked(*tags: str) -> list[Asked]:
    return [Asked(f"q{n}", frozenset({tag})) for n, tag in enumerate(tags)]


QUIZ = asked("a", "a", "b", "a", "b", "c")


def drawn(seed: int, pools, shuffle: bool = False) -> list[Asked]:
    return draw(QUIZ, pools=pools, shuffle=shuffle, seed=bytes([seed]) * 16)


def test_without_pools_everything_is_asked_in_order():
    assert drawn(1, []) == QUIZ


def test_a_pool_takes_so_many_and_the_rest_is_asked_anyway():
    for seed in range(30):
        questions = drawn(seed, [{"tag": "a", "draw": 2}])
        tags = [next(iter(one.tags)) for one in questions]
        assert sorted(tags) == ["a", "a", "b", "b", "c"]
        assert questions == sorted(questions, key=QUIZ.index)


def test_every_question_of_a_pool_has_its_chance():
    seen = {one for seed in range(60) for one in drawn(seed, [{"tag": "a", "draw": 1}])}
    assert seen == set(QUIZ)


def test_the_pool_of_all_takes_from_what_no_other_has():
    pools = [{"tag": "a", "draw": 1}, {"tag": ANY, "draw": 2}]
    for seed in range(30):
        questions = drawn(seed, pools)
        assert len(questions) == 3
        assert sum("a" in one.tags for one in questions) == 1


def test_the_same_seed_draws_the_same():
    pools = [{"tag": "a", "draw": 2}]
    for seed in range(20):
        assert drawn(seed, pools, shuffle=True) == drawn(seed, pools, shuffle=True)


def test_a_shuffle_changes_the_order_and_nothing_else():
    orders = [drawn(seed, [], shuffle=True) for seed in range(20)]
    assert all(sorted(one, key=QUIZ.index) == QUIZ for one in orders)
    assert len({tuple(one) for one in orders}) > 15


def test_a_pool_that_wants_more_than_there_is_takes_all():
    assert drawn(1, [{"tag": "c", "draw": 9}]) == QUIZ


# --- in the file ------------------------------------------------------------------


@pytest.fixture
def load(tmp_path):
    def load(pools: str):
        path = tmp_path / "quiz.yaml"
        tagged = SINGLE + "tags: [basics]\n"
        path.write_text(quiz_text(NUMBER, tagged) + pools, encoding="utf-8")
        return load_quiz_file(path, proofs=1)

    return load


def test_a_file_says_what_to_draw(load):
    spec = load("pools: [{tag: section-1, draw: 1}]\n")
    assert spec.pools == [{"tag": "section-1", "draw": 1}]
    assert spec.questions[1].tags == {"basics", "section-1"}


@pytest.mark.parametrize(
    ("pools", "said"),
    [
        ("pools: [{tag: bascis, draw: 1}]\n", "нет метки «bascis»"),
        ("pools: [{tag: basics, draw: 1}]\n", "взять можно от 1 до 0"),
        ("pools: [{tag: section-1, draw: 2}]\n", "взять можно от 1 до 1"),
        ("pools: [{tag: section-1, draw: 0}]\n", "взять можно от 1 до 1"),
        ("pools: [{tag: section-1}]\n", "нет обязательного поля «draw»"),
        ("pools: [{tag: section-1, drew: 1, draw: 1}]\n", "drew"),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(load, pools, said):
    with pytest.raises(DocumentError, match=said):
        load(pools)


@pytest.mark.parametrize("tag", ["Основы", "section-2", "a b"])
def test_a_tag_is_a_slug_and_no_section(tmp_path, tag):
    path = tmp_path / "quiz.yaml"
    path.write_text(quiz_text(SINGLE + f"tags: ['{tag}']\n"), encoding="utf-8")
    with pytest.raises(DocumentError, match="метка"):
        load_quiz_file(path, proofs=1)
