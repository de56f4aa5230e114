"""What a student reads of a failure: short, and only what it looks like."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exercises.spec import Exercise
from graders.failures import explain_failure, redacted_traceback
from graders.pipeline import admit
from graders.sandbox.session import Failure, Outcome
from graders.score import refused
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
    assert len(redacted_traceback(trace, source) or "") < 3000


def test_a_refusal_is_short_whatever_it_names(attention: Exercise) -> None:
    refusal = admit(f"def attention(q, k, v, *, {'x' * 200_000}): pass", attention)
    assert refusal
    assert len(refused(attention, refusal, "", {}).message) < 3000
