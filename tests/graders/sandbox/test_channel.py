"""What is believed of a runner's replies."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.runner import wire
from graders.sandbox import channel
from graders.sandbox.channel import Inbox, TooLarge, WireError
from graders.sandbox.session import Failure, Job, Trace

CLAIMED = {"syntax", "missing", "raised", "exited", "memory", "output"}


def test_frames_cut_anywhere_are_put_together() -> None:
    inbox, got = Inbox(1000), []
    stream = wire.encode({"seq": 1}, [1]) + wire.encode({"seq": 2}, [2])
    for byte in stream:
        inbox.buffer.append(byte)
        if found := inbox.take():
            got.append(found)
    assert got == [({"seq": 1}, [1]), ({"seq": 2}, [2])]


def test_a_long_frame_is_refused_before_it_arrives() -> None:
    inbox = Inbox(1000)
    inbox.buffer += wire.HEADER.pack(10, 1001)
    with pytest.raises(TooLarge):
        inbox.take()


@pytest.mark.parametrize("failure", Failure)
def test_a_runner_may_claim_only_what_happens_inside_it(failure: Failure) -> None:
    message = {"seq": 1, "failure": failure.value}
    if failure.value in CLAIMED:
        assert channel.outcome(message, None, 1).failure is failure
    else:
        with pytest.raises(WireError):
            channel.outcome(message, None, 1)


def test_a_failure_carries_no_value() -> None:
    assert channel.outcome({"seq": 1, "failure": "raised"}, [1], 1).value is None


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"seq": 2},
        {"seq": True},
        {"seq": 1, "failure": 3},
        {"seq": 1, "failure": ["raised"]},
        {"seq": 1, "error_type": b"x"},
        {"seq": 1, "error_message": None},
        {"seq": 1, "traceback": {}},
        {"seq": 1, "trace": {}},
        {"seq": 1, "trace": {"operators": {"a": "b"}, "largest_tensor": 1}},
        {"seq": 1, "trace": {"operators": {1: 1}, "largest_tensor": 1}},
        {"seq": 1, "trace": {"operators": {}, "largest_tensor": "9"}},
    ],
    ids=str,
)
def test_a_reply_of_wrong_types_is_no_reply(message: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        channel.outcome(message, None, 1)


def test_an_operator_cannot_be_crowded_out_of_a_trace() -> None:
    trace = {"operators": {str(i): 1 for i in range(5000)}, "largest_tensor": 5}
    got = channel.outcome({"seq": 1, "trace": trace}, None, 1)
    assert got.trace
    assert len(got.trace.operators) == 5000
    trace["operators"] = {str(i): 1 for i in range(channel.OPERATORS + 1)}
    with pytest.raises(WireError):
        channel.outcome({"seq": 1, "trace": trace}, None, 1)


def test_texts_and_names_of_operators_are_cut() -> None:
    operators = {f"aten::{i:05}" + "x" * 500: i for i in range(600)}
    message = {
        "seq": 1,
        "error_message": "x" * 10**6,
        "trace": {"operators": operators, "largest_tensor": 5},
    }
    got = channel.outcome(message, None, 1)
    assert len(got.error_message) == channel.TEXT
    assert isinstance(got.trace, Trace)
    assert max(map(len, got.trace.operators)) == 200


keys = st.sampled_from(
    ["seq", "failure", "error_type", "error_message", "traceback", "trace"]
)
values = st.none() | st.integers() | st.text(max_size=5) | st.binary(max_size=5)
messages = st.dictionaries(
    keys, values | st.lists(values) | st.dictionaries(values, values, max_size=2)
)


@given(messages)
def test_a_wild_reply_is_refused_or_read_but_never_breaks(
    message: dict[str, Any],
) -> None:
    try:
        channel.outcome(message, None, 1)
    except WireError:
        return


def test_a_request_holds_no_more_than_the_job() -> None:
    frame = channel.load_request(Job("x = 1", None, ("x",)))
    message, _ = wire.decode(frame[wire.HEADER.size :], b"")
    assert set(message) == {"source", "probe", "requires", "output_bytes"}
