"""Frames between the grader, the relay and the zygote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.runner import envelope
from graders.runner.envelope import Envelope, Kind


@given(st.lists(st.binary(max_size=50), max_size=5), st.integers(1, 7))
def test_frames_cut_anywhere_arrive_whole(payloads: list[bytes], step: int) -> None:
    stream = b"".join(envelope.seal(Kind.DATA, 7, payload) for payload in payloads)
    buffer, arrived = bytearray(), []
    for start in range(0, len(stream), step):
        buffer += stream[start : start + step]
        arrived += envelope.take(buffer)
    assert arrived == [Envelope(Kind.DATA, 7, payload) for payload in payloads]
    assert not buffer


def test_long_data_is_sent_in_bounded_frames() -> None:
    data = bytes(envelope.MAX_PAYLOAD * 2 + 5)
    frames = bytearray(b"".join(envelope.seal_all(Kind.DATA, 1, data)))
    sizes = [len(letter.payload) for letter in envelope.take(frames)]
    assert sizes == [envelope.MAX_PAYLOAD, envelope.MAX_PAYLOAD, 5]


@pytest.mark.parametrize("header", [(1, 0, envelope.MAX_PAYLOAD + 1), (99, 0, 0)])
def test_nonsense_is_refused(header: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="frame|99"):
        list(envelope.take(bytearray(envelope.HEADER.pack(*header))))
