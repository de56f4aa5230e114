"""Nothing that anybody sends breaks a parser."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizsite.quizzes.questions import load_quiz_file
from quizsite.quizzes.types.base import TooLong, storable
from tests.quizzes.conftest import EVERY, write_quiz

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from("1234"), inner, max_size=5
        )
    ),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def variants(tmp_path_factory):
    path = write_quiz(tmp_path_factory.mktemp("fuzz"), *EVERY)
    return [q.variant(1) for q in load_quiz_file(path, proofs=0).questions]


@settings(max_examples=250, deadline=None)
@given(raw=JSON)
def test_nothing_that_is_sent_breaks_a_parser(variants, raw):
    stored = storable(raw)
    for variant in variants:
        for answer in (raw, stored):
            parsed = variant.parse(answer)
            marked = variant.mark(parsed)
            assert marked.mark is None or 0 <= marked.mark <= 1
            variant.show(answer)
            variant.drawn.controls(answer, parsed)


ALPHABET = "0123456789BhdHВН,;()[]{}/*+-−. √^×eе'\"\n«»torch.Size"


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet=ALPHABET, max_size=40))
def test_nothing_that_is_typed_breaks_a_parser(variants, text):
    for variant in variants:
        parsed = variant.parse(text)
        marked = variant.mark(parsed)
        assert marked.mark is None or 0 <= marked.mark <= 1


def test_what_a_database_refuses_is_left_out():
    assert storable("a\0b\ud800c") == "abc"
    assert storable({"1": 0.5, "2": None, "3": [1]}) == {"1": "0.5", "2": "", "3": ""}
    assert storable([1, True, "x"]) == ["1", "", "x"]


def test_an_essay_of_a_million_characters_is_refused():
    with pytest.raises(TooLong, match="1000000 знаков"):
        storable("я" * 1_000_000)
