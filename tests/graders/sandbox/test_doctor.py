"""The doctor looks by trying, and says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.errors import IsolationRefused, SandboxUnavailable
from graders.runner import landlock
from graders.sandbox import doctor, filter_attacks, launch, outer_wall
from graders.sandbox.attack import Attack, Layer
from graders.sandbox.attacks import LAYERS
from graders.sandbox.doctor import Trial
from graders.sandbox.finding import Finding, renewal
from graders.sandbox.links import ProcessLink
from graders.sandbox.pool import ZygoteSandbox
from graders.sandbox.session import Failure

# A zygote whose runners do nothing to isolate themselves.
NAKED = launch.ENTRY.replace(
    "from runner.relay",
    "from runner import isolate; isolate.enter = "
    "lambda limits, channel, printed, origin: isolate._descriptors(channel, printed); "
    "from runner.relay",
)
# These walls are the container's, the clone's or the grader's: they stand nevertheless.
OTHERS = (
    *("answers a good submission", "limits: output", "limits: time"),
    "mounts: no files of the host or of this project",
    "mounts: everything but /tmp and /dev/shm is read-only",
    "processes: no others are reached",
    "descriptors and environment: nothing of ours",
)


def test_every_layer_holds_here() -> None:
    findings = doctor.diagnose()
    assert [finding for finding in findings if not finding.ok] == []
    names = {finding.name for finding in findings}
    assert {f"sandbox: {layer.name}" for layer in LAYERS} <= names
    assert "sandbox: container: no network" in names


@pytest.fixture(scope="module")
def naked() -> Iterator[ZygoteSandbox]:
    made = ZygoteSandbox(lambda: ProcessLink(launch.bubblewrap(NAKED)), 1000, {})
    yield made
    made.close()


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_runner_without_walls_is_noticed_at_every_layer(
    naked: ZygoteSandbox, layer: Layer
) -> None:
    finding = Trial(naked).judge(layer, "bwrap:")
    expected = layer.name in OTHERS
    if layer.name.startswith("Landlock") and not landlock.ABI:
        expected = True
    assert finding.ok is expected, finding.detail
    assert bool(finding.fix) is not expected


def test_a_container_without_walls_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    argv = launch.bubblewrap(outer_wall.ENTRY)
    inside = argv[argv.index("--") + 1 :]
    script = inside[-1].replace(
        "['/site', '/grader']", f"[{str(launch.RUNNER.parent)!r}]"
    )
    monkeypatch.setattr(
        outer_wall, "_argv", lambda *_: [*inside[:-1], script.replace("64321", "0")]
    )
    found = {
        finding.name: finding.ok
        for finding in outer_wall.look("bwrap:", single_use=False)
    }
    assert found["sandbox: container: no files of the host"] is False
    assert found["sandbox: container: no new privileges"] is False


def test_a_container_that_does_not_answer_holds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    argv = ["sh", "-c", "echo no such image >&2; exit 1"]
    monkeypatch.setattr(outer_wall, "_argv", lambda *_: argv)
    found = list(outer_wall.look("docker:image", single_use=False))
    assert {finding.ok for finding in found} == {False}
    assert {finding.detail for finding in found} == {"no such image"}
    assert {finding.fix for finding in found} == {"bash .ci/image docker image"}


def test_every_call_that_the_table_kills_for_is_tried() -> None:
    tried = {attack.what for layer in LAYERS for attack in layer.attacks}
    assert {"io_uring_setup", "bpf", "perf_event_open", "keyctl"} <= tried
    assert {"userfaultfd", "ptrace", "process_vm_readv", "unshare"} <= tried
    assert {f"family {number}" for number in range(2, 46)} <= tried
    assert {"clone, CLONE_NEWUSER", "clone, CLONE_NEWNET"} <= tried


def test_an_answer_other_than_true_does_not_count(sandbox: ZygoteSandbox) -> None:
    layer = Layer("x", (Attack("", "return 1"),))
    assert not Trial(sandbox).judge(layer, "bwrap:").ok


def test_the_attack_that_succeeded_is_named(sandbox: ZygoteSandbox) -> None:
    failing = Attack("a division", "1 / 0", (Failure.RAISED,))
    succeeding = Attack("a sum", "return 2 + 2", (Failure.VIOLATION,))
    finding = Trial(sandbox).judge(Layer("x", (failing, succeeding)), "bwrap:")
    assert not finding.ok
    assert finding.detail.startswith("a sum answered")


def test_without_bubblewrap_the_fix_is_a_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    broken = {finding.name: finding for finding in doctor.diagnose() if not finding.ok}
    assert set(broken) == {"bubblewrap", "sandbox"}
    assert broken["bubblewrap"].fix == "apt-get install -y bubblewrap"


@pytest.mark.parametrize(
    ("url", "error", "fix"),
    [
        ("bwrap:", SandboxUnavailable, "apt-get install --only-upgrade -y bubblewrap"),
        ("bwrap:", IsolationRefused, "sysctl -w user.max_user_namespaces="),
        ("docker:image", SandboxUnavailable, "bash .ci/image docker image"),
        ("docker:image", IsolationRefused, "SANDBOX='docker:image?single_use=1'"),
        ("unix:///run/x", IsolationRefused, "docker compose up --detach --build"),
    ],
)
def test_a_sandbox_that_does_not_start_is_one_finding_with_its_cure(
    monkeypatch: pytest.MonkeyPatch, url: str, error: type[Exception], fix: str
) -> None:
    def unavailable(url: str) -> None:
        raise error("no user namespaces")

    monkeypatch.setattr("graders.sandbox.pool.open_sandbox", unavailable)
    *_, last = doctor.diagnose(url)
    assert (last.name, last.ok, last.detail) == ("sandbox", False, "no user namespaces")
    assert fix in last.fix


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


def test_a_runtime_that_the_engine_does_not_know_is_named() -> None:
    (finding,) = doctor._runtime("podman", "podman:image?runtime=no-such-runtime")
    assert not finding.ok
    assert finding.fix == "apt-get install -y no-such-runtime"


def test_what_renews_a_kind_is_a_command_of_its_own() -> None:
    kinds = ("bwrap:", "docker:a?runtime=runc", "podman:a", "unix:///x")
    assert len({renewal(url) for url in kinds}) == len(kinds)
    assert "?" not in renewal("docker:a?runtime=runc")


def test_attacks_are_those_of_this_machine() -> None:
    if filter_attacks.MACHINE == "x86_64":
        others = next(layer for layer in LAYERS if "architectures" in layer.name)
        assert {attack.what for attack in others.attacks} == {
            "int 0x80 of i386",
            "getpid of x32",
        }
