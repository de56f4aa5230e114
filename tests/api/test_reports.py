"""Reports as the API describes them: every fact that is sent is in the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from jsonschema import Draft202012Validator

from exercises.spec import load_exercise
from graders.pipeline import grade
from graders.reference import react, trusted
from graders.report import Report, for_student
from graders.sandbox.session import Failure, Outcome, Trace
from quizsite.api.reference import schema
from quizsite.lib.storable import storable
from quizsite.submissions.models import State
from tests.factories import SubmissionFactory
from tests.graders.test_pipeline import SOURCE, Fake

FORBIDDEN = "torch.nn.functional.scaled_dot_product_attention"


def spoilt(change: Callable[[Any], Any]) -> Callable[[Any], Outcome]:
    """The reference's answers, the first part of each changed."""
    code = trusted(load_exercise("tr_attention"))

    def answer(inputs: Any) -> Outcome:
        value = react(code.probe, code.reference, inputs).value
        out, weights = value["output"]
        return Outcome(value={**value, "output": (change(out), weights)})

    return answer


def failing(failure: Failure, **facts: Any) -> Callable[[Any], Outcome]:
    return lambda inputs: Outcome(failure=failure, **facts)


def forbidden(inputs: Any) -> Outcome:
    return Outcome(value=1, trace=Trace({FORBIDDEN: 1}, {FORBIDDEN: 2}))


ANSWERS = {
    "values": spoilt(lambda x: x + 1),
    "not_finite": spoilt(lambda x: x * float("nan")),
    "shape": spoilt(lambda x: x[None]),
    "dtype": spoilt(lambda x: x.double()),
    "type": spoilt(lambda x: None),
    "raised": failing(
        Failure.RAISED,
        error_type="ValueError",
        traceback='  File "solution.py", line 2\n',
    ),
    "time_limit": failing(Failure.TIME),
    "memory_limit": failing(Failure.MEMORY),
    "output_limit": failing(Failure.OUTPUT),
    "violation": failing(Failure.GARBLED),
    "exited": failing(Failure.EXITED),
    "forbidden": forbidden,
    "accepted": spoilt(lambda x: x),
}


def sent(report: Report) -> Any:
    """As the database keeps it and the API sends it."""
    return for_student(storable(report.as_json()))


def undescribed(value: Any, described: Any, where: str = "report") -> Iterator[str]:
    """Keys that the schema does not know."""
    if "$ref" in described:
        name = described["$ref"].rpartition("/")[2]
        described = schema()["components"]["schemas"][name]
    for one in described.get("oneOf", described.get("allOf", ())):
        if "$ref" in one:
            yield from undescribed(value, one, where)
            return
    if isinstance(value, dict) and "properties" in described:
        for key, item in value.items():
            if key not in described["properties"]:
                yield f"{where}.{key}"
            else:
                inner = described["properties"][key]
                yield from undescribed(item, inner, f"{where}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from undescribed(item, described.get("items", {}), where)


def assert_described(report: Any) -> None:
    components = schema()["components"]
    described = {"$ref": "#/components/schemas/Report"}
    Draft202012Validator({**described, "components": components}).validate(report)
    assert not list(undescribed(report, described))


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_fact_of_a_judged_submission_is_described(kind: str) -> None:
    exercise = load_exercise("tr_attention")
    report = sent(grade(SOURCE, exercise, Fake(ANSWERS[kind])))
    assert kind in (report["verdict"], report["checks"][0]["details"].get("difference"))
    assert_described(report)


@pytest.mark.parametrize(
    "source",
    ["def f(:", "x = 1", SOURCE.replace("q\n", f"{FORBIDDEN}\n"), "1 / 0\n" + SOURCE],
)
def test_every_fact_of_a_refused_submission_is_described(source: str) -> None:
    loaded = Outcome(
        failure=Failure.RAISED,
        error_type="ZeroDivisionError",
        traceback='  File "solution.py", line 1\n',
    )
    exercise = load_exercise("tr_attention")
    source = f"import torch\n{source}"
    report = sent(grade(source, exercise, Fake(lambda inputs: Outcome(), loaded)))
    assert not any(check["judged"] for check in report["checks"])
    assert_described(report)


@pytest.mark.parametrize(
    ("bound", "difference"),
    [
        (lambda case: case.largest_tensor(1), "size"),
        (lambda case: case.calls("aten::*", at_most=0), "calls"),
        (lambda case: case.holds(lambda value, inputs: "не так"), "property"),
    ],
)
def test_every_fact_of_a_demand_is_described(
    bound: Callable[[Any], Any], difference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exercise = load_exercise("tr_attention")
    code = trusted(exercise)
    name = exercise.checks[0].name
    made = code.checks[name]
    monkeypatch.setitem(code.checks, name, lambda g: map(bound, made(g)))
    right = spoilt(lambda x: x)

    def traced(inputs: Any) -> Outcome:
        return replace(right(inputs), trace=Trace({"aten::mm": 2}, {}, 9))

    report = sent(grade(SOURCE, exercise, Fake(traced)))
    assert report["checks"][0]["details"]["difference"] == difference
    assert_described(report)


def test_a_report_is_sent_as_it_is_stored(bobs, bob):
    exercise = load_exercise("tr_attention")
    report = grade(SOURCE, exercise, Fake(spoilt(lambda x: x * torch.inf)))
    stored = storable(report.as_json())
    submission = SubmissionFactory(
        user=bob, state=State.DONE, verdict=report.verdict, report=stored
    )
    assert bobs.get(f"submissions/{submission.pk}/").json["report"] == sent(report)
