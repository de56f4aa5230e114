"""A failing check as the report tells it: case, place, pattern and facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
import torch

from exercises.spec import Exercise, load_exercise
from graders.intake import read_upload
from graders.pipeline import grade
from graders.reference import react, trusted
from graders.report import CheckResult, Report
from graders.sandbox.session import Failure, Outcome, Trace
from graders.verdicts import Verdict
from tests.graders.conftest import SEED
from tests.graders.test_intake import notebook
from tests.graders.test_pipeline import SOURCE, Answer, Fake, by_name, only_on

CALL = "def attention(q, k, v, mask=None, causal=False):\n    return 1\n"


@pytest.fixture
def changed(attention: Exercise) -> Callable[..., Answer]:
    """Answers of the reference, each part changed by a function of its name."""
    code = trusted(attention)

    def made(**parts: Callable[[Any], Any]) -> Answer:
        def answer(inputs: Mapping[str, Any]) -> Outcome:
            value = react(code.probe, code.reference, inputs).value
            out, weights = value["output"]
            out = parts.get("out", lambda x: x)(out)
            weights = parts.get("weights", lambda x: x)(weights)
            grads = dict(value["grads"])
            if "grad" in parts:
                grads = {key: parts["grad"](grad) for key, grad in grads.items()}
            return Outcome(value={"output": (out, weights), "grads": grads})

        return answer

    return made


def report_of(exercise: Exercise, answer: Answer, **more: Any) -> Report:
    return grade(SOURCE, exercise, Fake(answer), seed=SEED, **more)


def told(exercise: Exercise, answer: Answer, check: str = "values") -> CheckResult:
    result: CheckResult = by_name(report_of(exercise, answer))[check]
    return replace(result, message=result.message.replace("\xa0", " "))


def test_the_cases_that_fail_are_counted(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    wrong = changed(out=lambda x: x + 1)
    check = told(attention, wrong)
    assert check.message.startswith("Не пройден ни один из 5 случаев. Случай 1, out: ")
    some = only_on(lambda i: i["args"][0].ndim > 2, wrong, changed())
    check = told(attention, some)
    assert check.message.startswith("Не пройдено 4 из 5 случаев. Случай 2, out: ")
    assert (check.details["case"], check.details["failed_cases"]) == (2, 4)


def test_a_single_failing_case_is_told_among_how_many(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    shapes: list[Any] = []

    def third(inputs: Mapping[str, Any]) -> bool:
        shapes.append(inputs)
        return len(shapes) == 3

    answer = only_on(third, changed(out=lambda x: x + 1), changed())
    check = told(attention, answer)
    assert check.message.startswith("Случай 3 из 5, out: не совпадает")
    assert check.details["cases"] == 5


def test_wrong_values_come_with_all_their_facts(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    def spoilt(x: torch.Tensor) -> torch.Tensor:
        return x + torch.ones_like(x).triu(1)

    check = told(attention, changed(weights=spoilt), "causal")
    details = json.loads(json.dumps(check.details))
    assert details["difference"] == "values"
    assert details["part"] == "weights"
    assert details["path"] == ["output", 1]
    assert details["diagonal"] == "above"
    assert details["largest_error"] == pytest.approx(1)
    assert 0 < details["share"] < 1
    assert {"error", "relative_error", "allowance", "index"} <= details["worst"].keys()
    assert len(details["heat_map"]["levels"]) == 3
    assert "только выше диагонали" in check.message
    assert "выше диагонали" in details["summary"]
    assert "допуске" in check.message and "допуске" not in details["summary"]


def test_a_hidden_check_shows_where_but_no_inputs(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    check = told(attention, changed(out=lambda x: x * 3), "causal")
    assert not check.public
    assert check.inputs is None
    assert check.details["heat_map"]


def test_a_map_carries_no_more_than_a_step_for_each_cell(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    """An answer may be written so that its errors are the inputs."""

    def encoded(x: torch.Tensor) -> torch.Tensor:
        return x + 1000 + torch.arange(x.numel()).reshape(x.shape)

    levels = told(attention, changed(out=encoded)).details["heat_map"]["levels"]
    assert set("".join(levels)) <= set("01234n")


def test_a_gradient_is_called_by_its_argument(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    check = told(attention, changed(grad=lambda x: 2 * x), "gradients")
    assert "Случай 1, градиент по q: не совпада" in check.message
    assert check.details["part"] == "градиент по q"


def test_a_gradient_that_is_not_there_is_explained(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    check = told(attention, changed(grad=lambda x: None), "gradients")
    assert "градиент по q: градиента нет" in check.message
    assert "detach()" in check.message


@pytest.mark.parametrize(
    ("change", "axes", "guess"),
    [
        (lambda x: x.mT, [(3, 2), (2, 3)], "оси переставлены"),
        (lambda x: x[None], [(3, 1), (2, 3), (None, 2)], "лишняя ось размера 1"),
        (lambda x: x[0], [(3, 2), (2, None)], ""),
    ],
)
def test_a_wrong_shape_is_told_axis_by_axis(
    attention: Exercise,
    changed: Callable[..., Answer],
    change: Callable[[Any], Any],
    axes: list[tuple[int | None, int | None]],
    guess: str,
) -> None:
    check = told(attention, changed(out=change))
    found = [(one["expected"], one["actual"]) for one in check.details["axes"]]
    assert found == axes
    assert guess in check.message


def test_an_answer_too_large_to_be_kept_is_still_told_of(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    """Its NaN is found first; its size has made the rest of it be dropped."""
    wrong = changed(out=lambda x: x * float("nan"))

    def bloated(inputs: Mapping[str, Any]) -> Outcome:
        outcome = wrong(inputs)
        outcome.value["more"] = torch.zeros(1 << 20)
        return outcome

    check = told(attention, bloated)
    assert check.details["difference"] == "not_finite"
    assert "heat_map" not in check.details


@pytest.mark.parametrize(
    ("facts", "place"),
    [
        ({"traceback": '  File "solution.py", line 2\n'}, "строка 2"),
        ({"traceback": '  File "solution.py", line 77\n'}, ""),
        ({"traceback": ""}, ""),
    ],
)
def test_an_exception_is_told_with_its_line(
    attention: Exercise, facts: dict[str, str], place: str
) -> None:
    failed = Outcome(failure=Failure.RAISED, error_type="ValueError", **facts)
    check = told(attention, lambda inputs: failed, "large_scores")
    where = ", ".join(filter(None, ["Случай 1", place]))
    assert f"{where}: возникло исключение ValueError" in check.message
    assert check.details["exception"] == "ValueError"
    assert check.details.get("line") == (2 if place else None)


def test_a_forbidden_operator_is_told_with_its_line(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    name = "torch.nn.functional.scaled_dot_product_attention"

    def traced(inputs: Mapping[str, Any]) -> Outcome:
        return replace(changed()(inputs), trace=Trace({name: 1}, {name: 3}))

    check = told(attention, traced)
    assert f"Случай 1, строка 3: вызвана операция {name}, " in check.message
    assert (check.details["operator"], check.details["line"]) == (name, 3)


def test_a_runner_cannot_claim_a_line_that_is_not_there(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    name = "torch.nn.functional.scaled_dot_product_attention"

    def traced(inputs: Mapping[str, Any]) -> Outcome:
        trace = Trace({name: 1}, {name: 123_456_789})
        return replace(changed()(inputs), trace=trace)

    check = told(attention, traced)
    assert "123" not in check.message
    assert "line" not in check.details


def test_an_invented_operator_cannot_carry_inputs(
    attention: Exercise, changed: Callable[..., Answer]
) -> None:
    def traced(inputs: Mapping[str, Any]) -> Outcome:
        trace = Trace({"aten::0_123 scaled_dot_product": 1})
        return replace(changed()(inputs), trace=trace)

    report = report_of(attention, traced)
    assert report.verdict is Verdict.FORBIDDEN_API
    assert "0_123" not in repr(report)


# --- what is told before anything runs


CELLS = ("import torch.nn.functional as F", f"# решение\n\n{CALL}")


def in_notebook(exercise: Exercise, *cells: str, **loaded: Any) -> Report:
    intake = read_upload(notebook(*cells), "a.ipynb", exercise.requires)
    sandbox = Fake(lambda inputs: Outcome(value=1), Outcome(**loaded))
    return grade(intake.source, exercise, sandbox, fragments=intake.fragments)


def test_a_forbidden_name_in_a_notebook_is_found_in_its_cell(
    attention: Exercise,
) -> None:
    body = CALL.replace("return 1", "return F.scaled_dot_product_attention(q, k, v)")
    report = in_notebook(attention, CELLS[0], f"\n\n{body}")
    assert report.message.startswith("Ячейка\xa02, строка\xa04: в этом задании нельзя")
    (violation,) = report.details["violations"]
    assert (violation["cell"], violation["line"]) == (2, 4)
    assert not any(check.judged for check in report.checks)


def test_many_forbidden_names_are_counted(attention: Exercise) -> None:
    lines = "\n".join(["torch.nn.MultiheadAttention"] * 9)
    report = grade(
        f"import torch\n{lines}\n{CALL}", attention, Fake(lambda i: Outcome())
    )
    assert report.message.count("Строка") == 5
    assert report.message.endswith("И ещё 4\xa0места.")
    assert report.details["more"] == 4


def test_an_error_while_a_notebook_is_loaded_is_found_in_its_cell(
    attention: Exercise,
) -> None:
    source = read_upload(notebook(*CELLS), "a.ipynb", attention.requires).source
    line = source.split("\n").index("    return 1") + 1
    report = in_notebook(
        attention,
        *CELLS,
        failure=Failure.RAISED,
        error_type="NameError",
        traceback=f'  File "solution.py", line {line}, in f\n',
    )
    assert report.verdict is Verdict.RUNTIME_ERROR
    assert report.message.startswith("Ячейка\xa02, строка\xa04: возникло исключение")
    assert report.details == {
        "difference": "raised",
        "exception": "NameError",
        "line": 4,
        "cell": 2,
    }


# --- diagnosis


@pytest.mark.parametrize(
    ("slug", "mistake", "check"),
    [
        ("graph_message_passing", "edge_loop", "loops"),
        ("img_conv2d_im2col", "tap_loop", "one_product"),
    ],
)
def test_a_right_answer_with_too_many_operators_is_recognised(
    slug: str, mistake: str, check: str, real_sandbox: Any
) -> None:
    exercise = load_exercise(slug)
    trusted(exercise)  # its code is loaded whole, and kept by version
    alone = tuple(one for one in exercise.checks if one.name == check)
    source = exercise.wrong_solution(mistake).read_text()
    report = grade(source, replace(exercise, checks=alone), real_sandbox, seed=SEED)
    assert report.mistake and report.mistake.id == mistake
    assert report.checks[0].details["difference"] == "calls"
    assert report.checks[0].details["line"]


def test_a_pace_is_no_evidence_of_a_mistake(
    attention: Exercise,
    changed: Callable[..., Answer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = trusted(attention)
    asked: list[str] = []
    checks = dict(code.checks)
    alone = replace(attention, checks=attention.checks[:1])

    def timed(g: Any) -> Any:
        for case in checks["values"](g):
            yield case.no_slower_than(100)

    monkeypatch.setitem(code.checks, "values", timed)
    for name, module in code.mistakes.items():
        monkeypatch.setattr(
            module, "attention", lambda *a, name=name, **k: asked.append(name)
        )
    report = report_of(alone, changed(out=lambda x: x + 1))
    assert not report.checks[0].passed
    assert (report.mistake, asked) == (None, [])
