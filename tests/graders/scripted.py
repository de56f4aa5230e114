"""A sandbox whose runners answer as they are told, and who lived when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from exercises.authoring import Case, Generator, call, normal
from exercises.spec import Check, Exercise
from graders.reference import react, trusted
from graders.sandbox.session import Failure, Job, Outcome

Script = Callable[[Job, Mapping[str, Any]], Outcome]


class Scripted:
    """See session.Sandbox."""

    facts: Mapping[str, str] = {}

    def __init__(self, script: Script, loaded: Outcome | None = None) -> None:
        self.script, self.loaded = script, loaded or Outcome()
        self.jobs: list[Job] = []  # of each runner
        self.asked: list[Mapping[str, Any]] = []
        self.living = 0

    @contextmanager
    def runner(self, job: Job) -> Iterator[ScriptedRunner]:
        assert not self.living, "two runners at once"
        self.jobs.append(job)
        self.living += 1
        made = ScriptedRunner(self, job)
        try:
            yield made
        finally:
            made.alive = False
            self.living -= 1

    def close(self) -> None:
        """Nothing was opened."""


class ScriptedRunner:
    """See session.Runner; dies of what would kill a real one."""

    alive = True

    def __init__(self, sandbox: Scripted, job: Job) -> None:
        self.sandbox, self.job = sandbox, job

    def load(self) -> Outcome:
        return self.sandbox.loaded

    def run(self, inputs: Mapping[str, Any], **_: Any) -> Outcome:
        assert self.alive
        self.sandbox.asked.append(inputs)
        outcome = self.sandbox.script(self.job, inputs)
        self.alive = outcome.failure in (None, Failure.RAISED)
        return outcome


def right(exercise: Exercise, **facts: Any) -> Script:
    """Answer as the reference does."""
    code = trusted(exercise)

    def answer(job: Job, inputs: Mapping[str, Any]) -> Outcome:
        value = react(code.probe, code.reference, inputs).value
        return Outcome(value=value, **facts)

    return answer


def attention_case(g: Generator) -> Case:
    return call("attention", *(normal(g, 1, 3, 2) for _ in "qkv"))


def with_gpu_check(
    exercise: Exercise, monkeypatch: pytest.MonkeyPatch, *cases: Callable[..., Case]
) -> Exercise:
    """The exercise with one more check, which needs a GPU."""

    def made(g: Generator) -> Iterator[Case]:
        for case in cases or (attention_case,):
            yield case(g)

    monkeypatch.setitem(trusted(exercise).checks, "gpu", made)
    check = Check("gpu", "На видеокарте", 0.0, public=True, device="gpu")
    return replace(exercise, device="any", checks=(*exercise.checks, check))
