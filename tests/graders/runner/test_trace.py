"""What the recorder notes of operators: which, how often, and in which line."""

from __future__ import annotations

from typing import Any

import torch

from graders.runner import solution
from graders.runner.trace import Recorder

SOURCE = """\
import torch
F = torch.nn.functional


def helper(x):
    return F.unfold(x, 3)


def f(x):
    for _ in range(5):
        y = x + 1
    z = helper(y)
    return z.sum() + z.sum()


def grown(x):
    small = x * 2
    return torch.cat([small] * 3)


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad.cumsum(0)


def squared(x):
    return Double.apply(x) ** 2
"""


def recorded(work: Any) -> dict[str, Any]:
    with Recorder() as recorder:
        work()
    return recorder.as_dict()


def traced(name: str, x: torch.Tensor) -> dict[str, Any]:
    function = getattr(solution.load(SOURCE), name)
    return recorded(lambda: function(x))


def test_it_names_functions_operators_and_the_largest_tensor() -> None:
    x = torch.ones(1, 2, 6, 6)
    got = recorded(lambda: torch.nn.functional.unfold(x, 3).mean())
    assert got["operators"]["torch.nn.functional.unfold"] == 1
    assert got["operators"]["aten::im2col"] == 1
    assert got["largest_tensor"] == 2 * 9 * 16


def test_it_sees_through_a_module_to_the_operator() -> None:
    layer = torch.nn.Conv2d(1, 1, 3)
    got = recorded(lambda: layer(torch.ones(1, 1, 6, 6)))
    assert "aten::convolution" in got["operators"]


def test_the_students_innermost_line_of_a_first_call_is_noted() -> None:
    got = traced("f", torch.ones(1, 2, 6, 6))
    assert got["operators"]["aten::add"] == 6
    for name, line in (
        ("aten::add", 11),
        ("torch.Tensor.add", 11),
        ("torch.nn.functional.unfold", 6),
        ("aten::im2col", 6),
        ("aten::sum", 13),
    ):
        assert got["lines"][name] == line


def test_the_line_of_the_largest_tensor_is_noted() -> None:
    got = traced("grown", torch.ones(4))
    assert (got["largest_tensor"], got["largest_line"]) == (12, 18)


def test_what_is_called_outside_of_the_students_code_has_no_line() -> None:
    got = recorded(lambda: torch.ones(3) + 1)
    assert got["operators"]["aten::add"] == 1
    assert (got["lines"], got["largest_line"]) == ({}, 0)


def test_a_backward_pass_has_lines_only_where_the_student_wrote_it() -> None:
    x = torch.ones(3, requires_grad=True)
    function = solution.load(SOURCE).squared
    got = recorded(lambda: function(x).sum().backward())
    assert got["lines"]["aten::cumsum"] == 28
    assert got["operators"]["aten::expand"] == 1
    assert "aten::expand" not in got["lines"]
