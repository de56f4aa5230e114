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

TRACE = {"operators": {}, "lines": {}, "largest_tensor": 0, "largest_line": 0}
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
        {"seq": 1, "trace": TRACE | {"operators": {"a": "b"}}},
        {"seq": 1, "trace": TRACE | {"operators": {1: 1}}},
        {"seq": 1, "trace": TRACE | {"operators": [["a", 1]]}},
        {"seq": 1, "trace": TRACE | {"lines": {"a": "7"}}},
        {"seq": 1, "trace": TRACE | {"lines": {"a": 7.0}}},
        {"seq": 1, "trace": TRACE | {"lines": {"a": True}}},
        {"seq": 1, "trace": TRACE | {"lines": {7: 7}}},
        {"seq": 1, "trace": TRACE | {"lines": None}},
        {"seq": 1, "trace": TRACE | {"largest_tensor": "9"}},
        {"seq": 1, "trace": TRACE | {"largest_line": None}},
        {"seq": 1, "trace": {"operators": {}, "largest_tensor": 1}},
    ],
    ids=str,
)
def test_a_reply_of_wrong_types_is_no_reply(message: dict[str, Any]) -> None:
    with pytest.raises(WireError):
        channel.outcome(message, None, 1)


def test_an_operator_cannot_be_crowded_out_of_a_trace() -> None:
    trace = TRACE | {"operators": {str(i): 1 for i in range(5000)}}
    got = channel.outcome({"seq": 1, "trace": trace}, None, 1)
    assert got.trace
    assert len(got.trace.operators) == 5000
    trace["operators"] = {str(i): 1 for i in range(channel.OPERATORS + 1)}
    with pytest.raises(WireError):
        channel.outcome({"seq": 1, "trace": trace}, None, 1)


def test_a_table_of_lines_is_no_longer_than_that_of_operators() -> None:
    lines = {str(i): i for i in range(channel.OPERATORS + 1)}
    with pytest.raises(WireError):
        channel.outcome({"seq": 1, "trace": TRACE | {"lines": lines}}, None, 1)


def test_any_whole_number_may_be_claimed_as_a_line() -> None:
    claimed = {"a": -(2**63), "b": 2**64 - 1, "x" * 10_000: 0}
    trace = TRACE | {"lines": claimed, "largest_line": 2**64 - 1}
    got = channel.outcome({"seq": 1, "trace": trace}, None, 1).trace
    assert got == Trace({}, {"a": -(2**63), "b": 2**64 - 1, "x" * 200: 0}, 0, 2**64 - 1)


def test_texts_and_names_of_operators_are_cut() -> None:
    operators = {f"aten::{i:05}" + "x" * 500: i for i in range(600)}
    message = {
        "seq": 1,
        "error_message": "x" * 10**6,
        "trace": TRACE | {"operators": operators},
    }
    got = channel.outcome(message, None, 1)
    assert len(got.error_message) == channel.TEXT
    assert isinstance(got.trace, Trace)
    assert max(map(len, got.trace.operators)) == 200


keys = st.sampled_from(
    ["seq", "failure", "error_type", "error_message", "traceback", "trace"]
)
values = st.none() | st.integers() | st.text(max_size=5) | st.binary(max_size=5)
tables = values | st.dictionaries(values, values, max_size=2)
traces = st.fixed_dictionaries(dict.fromkeys(TRACE, tables))
messages = st.dictionaries(keys, tables | st.lists(values) | traces)


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
    wanted = {"source", "probe", "requires", "output_bytes", "device_mb"}
    assert set(message) == wanted
