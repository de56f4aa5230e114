"""Nothing that anybody sends breaks a parser, or keeps it busy."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quizsite.quizzes.questions import Variant, load_quiz_file
from quizsite.quizzes.types.base import TooLong, storable
from tests.quizzes.conftest import EVERY, MORE, write_quiz

SAME = {"derandomize": True, "deadline": None}
MUTATED = 3000  # answers for each type
HANG_S = 5.0  # of processor time; marking takes milliseconds

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from(["1", "2", "3", "4", "1i", "2i"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def variants(tmp_path_factory):
    path = write_quiz(tmp_path_factory.mktemp("fuzz"), *EVERY, *MORE)
    return [q.variant(1) for q in load_quiz_file(path, proofs=0).questions]


@pytest.fixture(autouse=True)
def nobody_proves(monkeypatch):
    """SymPy is asked elsewhere: here it would only make the fuzzing slow."""
    monkeypatch.setattr("quizsite.lib.formulas.equality.proven_equal", lambda *_: None)


@contextmanager
def no_hang() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise AssertionError("one answer took seconds of processor time")

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, HANG_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def take(variant: Variant, raw: object) -> None:
    """Everything that the site does with an answer."""
    with no_hang():
        parsed = variant.parse(raw)
        marked = variant.mark(parsed)
        assert marked.mark is None or 0 <= marked.mark <= 1
        json.dumps(marked.as_json())
        json.dumps([dict(parsed.errors), dict(parsed.echo)])
        variant.show(raw)
        variant.drawn.controls(raw, parsed)


@settings(max_examples=250, **SAME)
@given(raw=JSON)
def test_nothing_that_is_sent_breaks_a_parser(variants, raw):
    for variant in variants:
        for answer in (raw, storable(raw)):
            take(variant, answer)


ALPHABET = "0123456789BhdHВНtnkeтпхxpilog(),;[]{}/*+-−. √^×·%=|!eе'\"\n"
ALPHABET += "«»∅torch.Size₁²πσ"


@settings(max_examples=400, **SAME)
@example("log2(exp(" * 18 + "t" + "))" * 18)  # was written in 2^18 steps
@example("factorial(" * 36 + "n" + ")" * 36)
@example("t^" * 50 + "t")
@example("-" * 39 + "t")
@example("(" * 200 + ")" * 200)
@given(text=st.text(alphabet=ALPHABET, max_size=60))
def test_nothing_that_is_typed_breaks_a_parser(variants, text):
    for variant in variants:
        take(variant, text)


FORMULAS = st.recursive(
    st.sampled_from(["t", "n", "2", "0,5", "e", "π", "1e-9", "1e18"]),
    lambda inner: (
        st.tuples(
            inner, st.sampled_from(["+", "-", "*", "/", "^", "//", "%"]), inner
        ).map("({0[0]}{0[1]}{0[2]})".format)
        | st.tuples(
            st.sampled_from(
                [
                    "ln",
                    "log2",
                    "exp",
                    "sqrt",
                    "sin",
                    "tan",
                    "tanh",
                    "sigmoid",
                    "factorial",
                    "abs",
                    "floor",
                    "ceil",
                    "round",
                ]
            ),
            inner,
        ).map("{0[0]}({0[1]})".format)
        | st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            "{0[0]}({0[1]}; {0[2]})".format
        )
    ),
    max_leaves=25,
)


@settings(max_examples=600, **SAME)
@given(text=FORMULAS)
def test_every_formula_is_marked(variants, text):
    [formula] = [one for one in variants if one.question.type == "formula"]
    take(formula, text)


def mutated(text: str, dice: random.Random) -> str:
    """A few bytes changed, left out, doubled or moved; what is no UTF-8 is dropped."""
    data = bytearray(text.encode())
    for _ in range(dice.randrange(1, 5)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(4):
            case 0:
                data[place:place] = bytes([dice.randrange(256)])
            case 1:
                del data[place : place + dice.randrange(1, 4)]
            case 2:
                data[place:place] = data[place : place + dice.randrange(1, 40)]
            case 3 if data:
                data[place % len(data)] ^= 1 << dice.randrange(8)
    return data.decode(errors="ignore")


@pytest.mark.parametrize("place", range(len(EVERY) + len(MORE)))
def test_a_right_answer_with_broken_bytes_breaks_nothing(variants, place):
    variant, dice = variants[place], random.Random(place)
    seeds = [variant.key, *variant.drawn.wrong_answers()]
    for _ in range(MUTATED):
        raw = dice.choice(seeds)
        if isinstance(raw, dict):
            broken: object = {
                mutated(name, dice) if dice.randrange(9) == 0 else name: (
                    mutated(text, dice) if dice.randrange(3) == 0 else text
                )
                for name, text in raw.items()
            }
        elif isinstance(raw, list):
            broken = [mutated(one, dice) for one in raw]
        else:
            broken = mutated(str(raw), dice)
        take(variant, storable(broken))


def test_what_a_database_refuses_is_left_out():
    assert storable("a\0b\ud800c") == "abc"
    assert storable({"1": 0.5, "2": None, "3": [1]}) == {"1": "0.5", "2": "", "3": ""}
    assert storable([1, True, "x"]) == ["1", "", "x"]


def test_an_essay_of_a_million_characters_is_refused():
    with pytest.raises(TooLong, match="1000000 знаков"):
        storable("я" * 1_000_000)


@pytest.mark.parametrize(
    "piece", ["1", " ", "\n", "(", "[", "1x", "1;", "√", "-", ".", "1e9 ", "x^"]
)
def test_the_longest_answer_of_one_piece_breaks_no_parser(variants, piece):
    text = piece * (20_000 // len(piece) - 1) + "x"
    for variant in variants:
        for raw in (text, text[:-1], dict.fromkeys(variant.drawn.field_ids, text)):
            take(variant, raw)
