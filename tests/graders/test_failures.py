"""What a student reads of a failure: short, and only what it looks like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exercises.spec import Exercise
from graders.failures import (
    explain_failure,
    failure_facts,
    last_line,
    redacted_traceback,
)
from graders.pipeline import admit
from graders.places import Fragment, Listing
from graders.refusal import refused
from graders.sandbox.session import Failure, Outcome
from graders.words import quoted

RAISED = Outcome(failure=Failure.RAISED, error_type="ValueError")


@pytest.mark.parametrize("control", ["\x1b[2J", "\0", "\x9b2J", "\u202e", "\x07"])
def test_a_students_text_commands_no_terminal(
    attention: Exercise, control: str
) -> None:
    outcome = replace(RAISED, error_message=f"a{control}b")
    message = explain_failure(attention, outcome, public=True)
    assert "\N{REPLACEMENT CHARACTER}" in message
    assert control[0] not in message


def test_line_ends_and_russian_text_stay() -> None:
    assert quoted("да,\n\tнет «ё» 👍", 99) == "да,\n\tнет «ё» 👍"


def test_a_line_of_a_traceback_is_shown_in_short() -> None:
    source = "f()  #" + "x" * 200_000
    trace = '  File "solution.py", line 1\n' * 10
    assert len(redacted_traceback(trace, Listing(source)) or "") < 3000


def test_only_lines_that_the_student_wrote_are_shown() -> None:
    trace = "".join(f'  File "solution.py", line {n}\n' for n in (0, 1, 999, 10**6, 2))
    listing = Listing("a = 1\nsecret()")
    assert redacted_traceback(trace, listing) == (
        "строка\xa01: a = 1\nстрока\xa02: secret()"
    )


def test_a_line_that_repeats_is_shown_once() -> None:
    trace = '  File "solution.py", line 1\n' * 40 + '  File "solution.py", line 2\n'
    shown = redacted_traceback(trace, Listing("f(x)\ng(x)"))
    assert shown == "строка\xa01: f(x) (×\xa040)\nстрока\xa02: g(x)"


def test_lines_of_a_notebook_are_shown_in_their_cells() -> None:
    listing = Listing("# Ячейка 3\nf()", (Fragment(2, 1, cell=3, line=7),))
    trace = '  File "solution.py", line 2\n'
    assert redacted_traceback(trace, listing) == "ячейка\xa03, строка\xa07: f()"


@pytest.mark.parametrize(
    ("trace", "line"),
    [
        ("", 0),
        ('  File "solution.py", line 4\n  File "solution.py", line 2\n', 2),
        ('  File "solution.py", line 99999999999\n', 0),
        ("line 3", 0),
    ],
)
def test_the_last_line_of_a_traceback_is_the_place(trace: str, line: int) -> None:
    assert last_line(trace) == line


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_facts_that_hold_no_text_of_the_students(
    attention: Exercise, failure: Failure
) -> None:
    outcome = Outcome(failure, error_type="E0_123", error_message="0_123")
    facts = failure_facts(attention, outcome)
    assert facts["difference"]
    assert "0_123" not in repr(facts)


def test_what_the_compiler_says_is_told_in_russian(attention: Exercise) -> None:
    said = "'return' outside function (solution.py, line 3)"
    outcome = Outcome(Failure.SYNTAX, error_message=said)
    message = explain_failure(attention, outcome, public=True)
    assert message == "Синтаксическая ошибка: return вне функции."


def test_a_refusal_is_short_whatever_it_names(attention: Exercise) -> None:
    source = f"def attention(q, k, v, *, {'x' * 200_000}): pass"
    refusal = admit(Listing(source), attention)
    assert refusal
    assert len(refused(attention, refusal, "", {}).message) < 3000
