"""The pipeline's own logic, with a sandbox that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch

from exercises.authoring import Case, Generator, call, normal
from exercises.spec import Exercise
from graders import cases, examination
from graders.errors import SandboxBroken
from graders.pipeline import grade
from graders.reference import react, trusted
from graders.report import Report, for_student
from graders.sandbox.session import Failure, Job, Outcome, Trace
from graders.verdicts import Blame, Verdict
from tests.graders.conftest import SEED

Answer = Callable[[Mapping[str, Any]], Outcome]
SOURCE = (
    "def attention(q, k, v, mask=None, causal=False):\n    secret = q\n    return 1\n"
)


class Fake:
    """A sandbox whose runners answer with a function, and die of fatal failures."""

    def __init__(self, answer: Answer, loaded: Outcome | None = None) -> None:
        self.answer, self.loaded = answer, loaded or Outcome()
        self.jobs: list[Job] = []
        self.inputs: list[Mapping[str, Any]] = []
        self.living = 0

    @contextmanager
    def runner(self, job: Job) -> Iterator[FakeRunner]:
        self.jobs.append(job)
        self.living += 1
        yield FakeRunner(self)
        self.living -= 1

    def close(self) -> None:
        """Nothing to close."""


class FakeRunner:
    alive = True

    def __init__(self, sandbox: Fake) -> None:
        self.sandbox = sandbox

    def load(self) -> Outcome:
        return self.sandbox.loaded

    def run(self, inputs: Mapping[str, Any], **_: Any) -> Outcome:
        assert self.alive
        self.sandbox.inputs.append(inputs)
        outcome = self.sandbox.answer(inputs)
        self.alive = outcome.failure in (None, Failure.RAISED)
        return outcome


@pytest.fixture
def right(attention: Exercise) -> Answer:
    code = trusted(attention)
    return lambda inputs: Outcome(value=react(code.probe, code.reference, inputs).value)


def mistaken(exercise: Exercise, mistake: str) -> Answer:
    code = trusted(exercise)
    return lambda inputs: Outcome(value=code.mistaken(mistake, inputs).value)


def only_on(wanted: Callable[[Mapping[str, Any]], bool], one: Answer, other: Answer):
    return lambda inputs: one(inputs) if wanted(inputs) else other(inputs)


def is_causal(inputs: Mapping[str, Any]) -> bool:
    return bool(inputs["kwargs"].get("causal"))


def failing(failure: Failure, **facts: Any) -> Answer:
    return lambda inputs: Outcome(failure=failure, **facts)


def by_name(report: Report) -> dict[str, Any]:
    return {check.name: check for check in report.checks}


def run(exercise: Exercise, answer: Answer, **kwargs: Any) -> Report:
    return grade(SOURCE, exercise, Fake(answer), seed=SEED, **kwargs)


def test_right_answers_are_accepted(attention: Exercise, right: Answer) -> None:
    report = run(attention, right)
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)
    assert report.verdict.blame is Blame.NONE
    assert report.mistake is None


def test_the_same_seed_gives_the_same_inputs(
    attention: Exercise, right: Answer
) -> None:
    one, other = Fake(right), Fake(right)
    for sandbox in (one, other):
        grade(SOURCE, attention, sandbox, seed=SEED)
    pairs = zip(one.inputs, other.inputs, strict=True)
    assert all(torch.equal(a["args"][0], b["args"][0]) for a, b in pairs)


def test_without_a_seed_a_fresh_secret_is_drawn(
    attention: Exercise, right: Answer
) -> None:
    seeds = {grade(SOURCE, attention, Fake(right)).seed for _ in range(3)}
    assert len(seeds) == 3
    assert all(len(seed) == 32 for seed in seeds)


def test_the_runner_is_told_neither_seed_nor_answers(
    attention: Exercise, right: Answer
) -> None:
    sandbox = Fake(right)
    grade(SOURCE, attention, sandbox, seed=SEED)
    assert SEED not in repr(sandbox.jobs)
    known = {"call", "args", "kwargs", "grad_of", "cotangents"}
    assert all(set(inputs) <= known for inputs in sandbox.inputs)


def test_a_runner_that_spoils_its_inputs_changes_nothing(
    attention: Exercise, right: Answer
) -> None:
    def spoiling(inputs: Mapping[str, Any]) -> Outcome:
        outcome = right(inputs)
        inputs["args"][0].zero_()
        return outcome

    assert run(attention, spoiling).verdict is Verdict.ACCEPTED


def test_some_wrong_answers_make_it_partial(attention: Exercise, right: Answer) -> None:
    wrong = mistaken(attention, "no_scale")
    report = run(attention, only_on(is_causal, wrong, right))
    assert report.verdict is Verdict.PARTIAL
    assert report.score == pytest.approx(0.6)


def test_a_mistake_in_part_of_the_checks_is_recognised(
    attention: Exercise, right: Answer
) -> None:
    wrong = mistaken(attention, "strict_causal")
    square = only_on(lambda i: i["args"][0].shape[-2] > 2, wrong, right)
    report = run(attention, only_on(is_causal, square, right))
    assert report.mistake
    assert report.mistake.id == "strict_causal"


def test_an_unknown_mistake_gets_no_hint(attention: Exercise, right: Answer) -> None:
    def off(inputs: Mapping[str, Any]) -> Outcome:
        out, weights = right(inputs).value["output"]
        return Outcome(value={"output": (out + 1, weights), "grads": {}})

    assert run(attention, off).mistake is None


@pytest.mark.parametrize(
    ("failure", "verdict"),
    [
        (Failure.RAISED, Verdict.RUNTIME_ERROR),
        (Failure.EXITED, Verdict.RUNTIME_ERROR),
        (Failure.TIME, Verdict.TIME_LIMIT),
        (Failure.BUDGET, Verdict.TIME_LIMIT),
        (Failure.MEMORY, Verdict.MEMORY_LIMIT),
        (Failure.OUTPUT, Verdict.OUTPUT_LIMIT),
        (Failure.VIOLATION, Verdict.SANDBOX_VIOLATION),
        (Failure.GARBLED, Verdict.SANDBOX_VIOLATION),
    ],
)
def test_each_failure_has_its_verdict(
    attention: Exercise, right: Answer, failure: Failure, verdict: Verdict
) -> None:
    loading = grade(SOURCE, attention, Fake(right, Outcome(failure=failure)))
    running = run(attention, failing(failure))
    assert loading.verdict is running.verdict is verdict
    assert loading.score == running.score == 0
    assert loading.message


@pytest.mark.parametrize("failure", [Failure.SYNTAX, Failure.MISSING])
def test_what_breaks_the_contract_when_loaded_costs_nothing(
    attention: Exercise, right: Answer, failure: Failure
) -> None:
    report = grade(SOURCE, attention, Fake(right, Outcome(failure=failure)))
    assert report.verdict is Verdict.CONTRACT_ERROR
    assert not report.verdict.costs_attempt


def test_later_checks_are_still_judged_after_a_death(
    attention: Exercise, right: Answer
) -> None:
    answer = only_on(lambda i: "grad_of" in i, failing(Failure.TIME), right)
    report = run(attention, answer)
    checks = by_name(report)
    assert report.verdict is Verdict.TIME_LIMIT
    assert not checks["closed_rows"].passed
    assert checks["large_scores"].passed
    assert report.score == pytest.approx(0.7)


def test_a_submission_that_always_dies_is_not_tried_for_ever(
    attention: Exercise,
) -> None:
    sandbox = Fake(failing(Failure.EXITED))
    report = grade(SOURCE, attention, sandbox)
    assert len(sandbox.jobs) == 3
    assert by_name(report)["gradients"].message.startswith("Не проверялось")


def test_the_gravest_failure_names_the_verdict(
    attention: Exercise, right: Answer
) -> None:
    graver = only_on(is_causal, failing(Failure.VIOLATION), right)
    answer = only_on(lambda i: "grad_of" in i, failing(Failure.TIME), graver)
    assert run(attention, answer).verdict is Verdict.SANDBOX_VIOLATION


def test_a_forbidden_operator_fails_the_case(
    attention: Exercise, right: Answer
) -> None:
    def traced(inputs: Mapping[str, Any]) -> Outcome:
        trace = Trace({"aten::_scaled_dot_product_flash_attention_for_cpu": 1})
        return replace(right(inputs), trace=trace)

    report = run(attention, traced)
    assert (report.verdict, report.score) == (Verdict.FORBIDDEN_API, 0)


def test_a_fault_of_the_sandbox_goes_to_the_caller(attention: Exercise) -> None:
    def broken(inputs: Mapping[str, Any]) -> Outcome:
        raise SandboxBroken("the zygote died")

    with pytest.raises(SandboxBroken):
        run(attention, broken)


def test_the_reference_is_measured_while_no_runner_lives(
    attention: Exercise, right: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def timed(g: Generator) -> Iterator[Case]:
        yield call("attention", *(normal(g, 1, 3, 2) for _ in "qkv")).no_slower_than(9)

    def paced(*args: Any) -> Any:
        living.append(sandbox.living)
        return cases.paced(*args)

    sandbox, living = Fake(right), list[int]()
    alone = replace(attention, checks=attention.checks[:1])
    monkeypatch.setitem(trusted(attention).checks, alone.checks[0].name, timed)
    monkeypatch.setattr(examination, "paced", paced)
    assert grade(SOURCE, alone, sandbox).verdict is Verdict.ACCEPTED
    assert living == [0]


# --- what students may see


def test_hidden_checks_show_neither_inputs_nor_prints_nor_texts_of_errors(
    attention: Exercise,
) -> None:
    answer = failing(
        Failure.RAISED,
        error_type="ValueError",
        error_message="tensor([0.123])",
        traceback='  File "solution.py", line 2, in f_0_123\n    secret = q\n',
        stdout="tensor([0.123])",
    )
    report = run(attention, answer)
    hidden = [check for check in report.checks if not check.public]
    assert hidden
    assert "0.123" not in repr(hidden)
    assert "ValueError" in hidden[0].message
    assert report.traceback == "строка\xa02: secret = q"


def test_an_invented_class_of_error_cannot_carry_inputs(attention: Exercise) -> None:
    report = run(attention, failing(Failure.RAISED, error_type="E0_123"))
    assert "0_123" not in repr(report)


def test_public_checks_show_inputs_and_prints(attention: Exercise) -> None:
    answer = failing(
        Failure.RAISED, error_type="ValueError", error_message="why", stdout="hello"
    )
    check = by_name(run(attention, answer))["values"]
    assert check.stdout == "hello"
    assert check.inputs
    assert check.inputs.startswith("attention(\n    torch.tensor([[")
    assert "why" in check.message


def test_the_seed_is_not_for_students(attention: Exercise, right: Answer) -> None:
    assert SEED not in repr(for_student(run(attention, right).as_json()))


# --- broken exercises


@pytest.mark.parametrize("broken", ["reference", "check"])
def test_a_broken_exercise_is_not_the_students_fault(
    attention: Exercise, right: Answer, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = trusted(attention)
    if broken == "reference":
        monkeypatch.setattr(code.reference, "attention", lambda *args: 1 / 0)
    else:
        monkeypatch.setitem(code.checks, "values", lambda g: iter([1 / 0]))
    report = grade(SOURCE, attention, Fake(lambda inputs: Outcome(value=1)))
    assert report.verdict is Verdict.EXERCISE_ERROR
    assert report.verdict.blame is Blame.EXERCISE
    assert not report.verdict.costs_attempt
    assert "ZeroDivisionError" in report.staff_note
    assert "ZeroDivisionError" not in repr(for_student(report.as_json()))
