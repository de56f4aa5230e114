"""Modules with loaded weights: what a student reads when the state is not as asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exercises.spec import load_exercise
from graders.pipeline import grade
from graders.report import CheckResult, Report
from graders.sandbox.session import Sandbox
from tests.graders.conftest import SEED

Graded = Callable[..., Report]


@pytest.fixture
def graded(real_sandbox: Sandbox) -> Graded:
    """Grade the reference with some of its text replaced."""
    exercise = load_exercise("rnn_lstm_gru")
    source = (exercise.folder / "reference.py").read_text()

    def changed(*pairs: tuple[str, str]) -> Report:
        text = source
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        return grade(text, exercise, real_sandbox, seed=SEED)

    return changed


def of(report: Report, name: str) -> CheckResult:
    return next(check for check in report.checks if check.name == name)


def test_a_parameter_of_another_name_is_told(graded: Graded) -> None:
    report = graded(("self.weight_ih_l0", "self.w_ih"))
    assert of(report, "lstm_cell").passed
    message = of(report, "layers").message
    assert "state_dict: нет ключей weight_ih_l0" in message
    assert "лишних ключей: 1" in message


def test_a_parameter_of_another_shape_is_told_by_axis(graded: Graded) -> None:
    report = graded(
        ("torch.zeros(rows, input_size)", "torch.zeros(input_size, rows)"),
        ("return self.weight_ih_l0,", "return self.weight_ih_l0.T,"),
    )
    message = of(report, "layers").message
    assert "state_dict['weight_ih_l0']: ожидалась форма [20, 4]" in message
    assert "оси переставлены" in message


def test_what_is_no_module_is_told(graded: Graded) -> None:
    report = graded(
        ("class Recurrent(nn.Module):", "class Recurrent:"),
        (
            "    def weights(self)",
            "    def __call__(self, *args, **kwargs):\n"
            "        return self.forward(*args, **kwargs)\n\n"
            "    def weights(self)",
        ),
    )
    assert "state_dict: получено None, а ожидался словарь" in (
        of(report, "layers").message
    )


def test_a_buffer_in_the_place_of_a_parameter_has_no_gradient(graded: Graded) -> None:
    report = graded(
        (
            "self.bias_ih_l0 = nn.Parameter(torch.zeros(rows))",
            'self.register_buffer("bias_ih_l0", torch.zeros(rows))',
        )
    )
    assert of(report, "layers").passed
    assert "градиент по bias_ih_l0: градиента нет" in (of(report, "gradients").message)


def test_a_state_that_is_not_carried_breaks_streaming(graded: Graded) -> None:
    report = graded(
        (
            "return self.run(x, state or (zeros, zeros)",
            "return self.run(x, (zeros, zeros)",
        )
    )
    assert "две части подряд" in of(report, "streaming").message
