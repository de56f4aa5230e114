"""Operators as a runner claims them: what is forbidden, and what may be repeated."""

from __future__ import annotations

import pytest

from exercises.spec import Exercise, load_exercise
from graders.operators import Call, counted, forbidden_call, is_known
from graders.sandbox.session import Trace

UNFOLD = "torch.nn.functional.unfold"


@pytest.fixture(scope="module")
def convolution() -> Exercise:
    return load_exercise("img_conv2d_im2col")


@pytest.mark.parametrize(
    "name",
    ["aten::im2col", "aten::convolution", UNFOLD, "torch.Tensor.softmax", "torch.mm"],
)
def test_what_torch_has_is_known(name: str) -> None:
    assert is_known(name)


@pytest.mark.parametrize(
    "name",
    [
        "aten::SECRET_conv",
        "SECRET::im2col",
        "torch.SECRET",
        "torch.nn.functional.SECRET",
        "torch",
        "os.path.join",
        "torch.nn" + ".nn" * 100,
        "",
        "aten::",
    ],
)
def test_what_a_runner_invents_is_not(name: str) -> None:
    assert not is_known(name)


def test_the_function_is_told_by_which_an_operator_was_called(
    convolution: Exercise,
) -> None:
    lines = {UNFOLD: 12, "aten::im2col": 12}
    trace = Trace({"aten::add": 1, UNFOLD: 1, "aten::im2col": 1}, lines)
    assert forbidden_call(convolution, trace) == Call(UNFOLD, 12)


@pytest.mark.parametrize("lines", [{}, {UNFOLD: 7}, {"torch.Tensor.odd": 3}])
def test_an_operator_is_told_where_no_function_is_known_to_have_called_it(
    convolution: Exercise, lines: dict[str, int]
) -> None:
    calls = {UNFOLD: 1, "torch.Tensor.odd": 1, "aten::im2col": 1}
    trace = Trace(calls, lines | {"aten::im2col": 3})
    assert forbidden_call(convolution, trace) == Call("aten::im2col", 3)


def test_a_function_alone_is_no_reason_to_refuse(convolution: Exercise) -> None:
    # Its name at run time need not be the one that a source would use.
    trace = Trace({"torch.conv_like": 1, UNFOLD: 1}, {UNFOLD: 3})
    assert forbidden_call(convolution, trace) is None


def test_an_invented_name_is_told_as_the_pattern_that_forbids_it(
    convolution: Exercise,
) -> None:
    trace = Trace({"aten::0.123 conv 0.456": 1})
    assert forbidden_call(convolution, trace) == Call("aten::*conv*", 0)


def test_what_is_allowed_is_left_alone(convolution: Exercise) -> None:
    trace = Trace({"torch.Tensor.unfold": 1, "aten::unfold": 1, "aten::bmm": 1})
    assert forbidden_call(convolution, trace) is None


def test_the_most_frequent_come_first() -> None:
    trace = Trace({"aten::mm": 2, "aten::bmm": 5, "aten::add": 9})
    assert list(counted(trace, "aten::*mm").items()) == [
        ("aten::bmm", 5),
        ("aten::mm", 2),
    ]
