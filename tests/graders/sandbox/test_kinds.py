"""Every kind of container holds as bubblewrap does; `.ci/containers` provides them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from exercises.spec import load_exercise
from graders.errors import SandboxBroken
from graders.pipeline import grade
from graders.sandbox.doctor import diagnose
from graders.sandbox.pool import ZygoteSandbox, open_sandbox
from graders.sandbox.session import Sandbox
from graders.sandbox.single_use import SingleUseSandbox
from tests.graders.sandbox import kinds
from tests.graders.sandbox.conftest import GOOD, works
from tests.ops.worker import until

pytestmark = pytest.mark.containers


@pytest.fixture(scope="module", params=[*kinds.MANY, *kinds.ALONE])
def url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    with kinds.address(request.param, tmp_path_factory.mktemp("sockets")) as address:
        yield address


@pytest.fixture(scope="module")
def contained(url: str) -> Iterator[Sandbox]:
    made = open_sandbox(url)
    yield made
    made.close()


def serves_one(url: str) -> bool:
    return "single_use" in url or "runsc" in url


def test_every_layer_holds_against_the_doctor(url: str) -> None:
    findings = diagnose(url)
    assert len(findings) > 20
    assert [finding for finding in findings if not finding.ok] == []
    (mode,) = [finding for finding in findings if finding.name == "isolation"]
    assert ("a container for each submission" in mode.detail) is serves_one(url)


def test_only_where_namespaces_are_refused_do_containers_serve_one_submission(
    url: str, contained: Sandbox
) -> None:
    expected = SingleUseSandbox if serves_one(url) else ZygoteSandbox
    assert isinstance(contained, expected)
    if "runsc" in url:
        assert "runners cannot isolate themselves here" in contained.why


def test_a_right_and_a_wrong_solution_get_their_verdicts(contained: Sandbox) -> None:
    exercise = load_exercise("tr_attention")
    right = (exercise.folder / "reference.py").read_text()
    wrong = exercise.wrong_solution("no_scale").read_text()
    assert grade(right, exercise, contained).verdict == "accepted"
    mistake = grade(wrong, exercise, contained).mistake
    assert mistake
    assert mistake.id == "no_scale"


def test_a_container_that_ends_in_the_middle_is_replaced(contained: Sandbox) -> None:
    with pytest.raises(SandboxBroken), contained.runner(GOOD) as runner:
        runner.load()
        runner.container.destroy()
        runner.run({"call": "f", "args": [1]})
    assert works(contained)


def test_nothing_of_a_closed_sandbox_is_left(url: str, contained: Sandbox) -> None:
    assert works(contained)
    for spare in getattr(contained, "_warm", ()):  # the other's are all there by now
        spare.wait_ready()
    before = kinds.containers(url)
    sandbox = open_sandbox(url)
    assert works(sandbox)
    sandbox.close()
    # An engine's client may be gone a moment before the container is.
    until(lambda: kinds.containers(url) <= before, "a container is left")
