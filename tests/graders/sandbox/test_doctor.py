"""The doctor looks by trying, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.errors import SandboxUnavailable
from graders.sandbox import doctor
from graders.sandbox.doctor import Attack, Finding
from graders.sandbox.pool import ZygoteSandbox
from graders.sandbox.session import Failure


def test_every_layer_holds_here() -> None:
    findings = doctor.diagnose()
    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) == 4 + len(doctor.ATTACKS)


def test_a_layer_that_does_not_hold_is_a_finding(sandbox: ZygoteSandbox) -> None:
    broken = Attack("no arithmetic", "return 2 + 2", Failure.VIOLATION)
    finding = doctor._try(sandbox, broken)
    assert not finding.ok
    assert finding.fix


def test_an_answer_other_than_true_does_not_count(sandbox: ZygoteSandbox) -> None:
    assert not doctor._try(sandbox, Attack("x", "return 1")).ok


def test_without_bubblewrap_the_fix_is_a_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    broken = {finding.name: finding for finding in doctor.diagnose() if not finding.ok}
    assert set(broken) == {"bubblewrap", "sandbox"}
    assert broken["bubblewrap"].fix == "apt-get install -y bubblewrap"


def test_a_sandbox_that_does_not_start_is_one_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unavailable(url: str) -> None:
        raise SandboxUnavailable("no user namespaces")

    monkeypatch.setattr("graders.sandbox.pool.open_sandbox", unavailable)
    *_, last = doctor.diagnose()
    assert (last.name, last.ok, last.detail) == ("sandbox", False, "no user namespaces")


@pytest.mark.parametrize(("name", "forbidding", "fix"), doctor._SYSCTLS)
def test_a_kernel_switch_that_forbids_namespaces_is_named(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    forbidding: str,
    fix: str,
) -> None:
    switch = tmp_path / "switch"
    switch.write_text(forbidding + "\n")
    monkeypatch.setattr(doctor, "_SYSCTLS", ((str(switch), forbidding, fix),))
    assert doctor._user_namespaces() == Finding(
        "user namespaces", False, f"{switch} is {forbidding}", fix
    )
