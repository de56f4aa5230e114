"""What docker and podman are told, and what their filter lets through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graders.errors import SandboxUnavailable
from graders.runner.syscalls import TABLE, Act
from graders.sandbox import engines
from graders.sandbox.pool import connector, open_sandbox

PROFILE = json.loads(engines.PROFILE.read_text())
ALLOWED = {
    name
    for group in PROFILE["syscalls"]
    if group["action"] == "SCMP_ACT_ALLOW"
    for name in group["names"]
}


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_a_container_gets_every_wall(engine: str) -> None:
    argv = " ".join(engines.run(engine, "image", "name"))
    for wall in (
        "--network none",
        "--read-only",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        f"--security-opt seccomp={engines.PROFILE}",
        "--user 64321:64321",
        "--pids-limit 512",
        "--memory 4g --memory-swap 4g",
        "--tmpfs /tmp:rw,noexec,nosuid,nodev,size=64m",
    ):
        assert wall in argv


def test_podman_adds_no_scratch_that_runners_would_share() -> None:
    assert "--read-only-tmpfs=false" in engines.run("podman", "image", "name")


def test_nothing_of_the_host_is_mounted_or_passed_on() -> None:
    argv = engines.run("docker", "image", "name")
    assert not {"--volume", "-v", "--mount", "--device", "--privileged"} & set(argv)
    given = [argv[i + 1] for i, word in enumerate(argv) if word == "--env"]
    assert all("=" in variable for variable in given)  # else its value is the host's


def test_another_runtime_can_be_asked_for() -> None:
    argv = engines.run("docker", "image", "name", "runsc")
    assert argv[argv.index("--runtime") + 1] == "runsc"


def test_gvisor_is_told_that_there_is_no_network() -> None:
    argv = engines.run("podman", "image", "name", "/usr/bin/runsc")
    assert argv[argv.index("--runtime-flag") + 1] == "network=none"
    assert "--runtime-flag" not in engines.run("podman", "image", "name", "runc")


def single_use(engine: str) -> list[str]:
    return engines.run(engine, "image", "name", single_use=True)


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_a_container_for_one_submission_keeps_the_engines_own_filter(
    engine: str,
) -> None:
    argv = single_use(engine)
    assert not [word for word in argv if word.startswith(("seccomp=", "apparmor="))]
    given = [argv[i + 1] for i, word in enumerate(argv) if word == "--cap-add"]
    assert given == ["SETUID", "SETGID"]
    assert argv[argv.index("--cap-drop") + 1] == "ALL"
    for wall in ("--network none", "--read-only", "--security-opt no-new-privileges"):
        assert wall in " ".join(argv)


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_what_is_written_in_it_is_as_little_as_elsewhere(engine: str) -> None:
    argv = single_use(engine)
    mounts = [argv[i + 1] for i, word in enumerate(argv) if word == "--tmpfs"]
    assert [mount.partition(":")[0] for mount in mounts] == ["/tmp", "/dev/shm"]
    assert all("noexec" in mount and "size=32m" in mount for mount in mounts)


def test_its_runner_has_a_uid_that_no_other_has() -> None:
    uids = {single_use("docker")[-1] for _ in range(20)}
    assert len(uids) > 10
    assert all(f"main({engines.UID}, single_use=6" in entry for entry in uids)


def test_the_cores_that_runners_may_keep_busy_are_bounded() -> None:
    argv = engines.run("docker", "image", "name")
    assert 1 <= int(argv[argv.index("--cpus") + 1]) <= engines.CORES


def test_rootless_podman_is_not_asked_for_what_it_may_not_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert "--cpus" not in engines.run("podman", "image", "name")
    assert "--cpus" in engines.run("docker", "image", "name")


def test_the_outer_filter_refuses_what_it_does_not_name() -> None:
    assert PROFILE["defaultAction"] == "SCMP_ACT_ERRNO"


def test_the_outer_filter_lets_all_through_that_a_runner_may_call() -> None:
    acts = (Act.ALLOW, Act.INSPECT)
    wanted = {name for name, row in TABLE.items() if row[2] in acts}
    assert wanted <= ALLOWED


def test_the_outer_filter_has_no_call_that_reaches_the_kernels_depths() -> None:
    forbidden = {
        *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key"),
        *("io_uring_setup", "io_uring_enter", "io_uring_register", "ptrace"),
        *("process_vm_readv", "process_vm_writev", "init_module", "finit_module"),
        *("kexec_load", "open_by_handle_at", "reboot", "swapon", "setns", "unshare"),
        *("mknod", "mknodat", "clone3", "personality", "umount2", "pivot_root"),
    }
    assert not forbidden & ALLOWED


@pytest.mark.parametrize("url", ["", "ssh://host", "lxc:image"])
def test_an_unknown_kind_is_refused_with_those_there_are(url: str) -> None:
    with pytest.raises(SandboxUnavailable, match="bwrap:, docker:IMAGE"):
        connector(url)


def test_an_engine_needs_the_name_of_an_image() -> None:
    with pytest.raises(SandboxUnavailable, match="IMAGE|not installed"):
        open_sandbox("docker:")


def test_a_socket_that_nobody_serves_is_told(tmp_path) -> None:
    with pytest.raises(SandboxUnavailable, match="no sandbox answers"):
        open_sandbox(f"unix://{tmp_path}/none.sock")
    with pytest.raises(SandboxUnavailable, match="there is no socket"):
        open_sandbox(f"unix://{tmp_path}")


def test_an_image_is_known_by_its_digest(tmp_path: Path) -> None:
    engine = tmp_path / "docker"
    engine.write_text("#!/bin/sh\necho sha256:$5 $*")
    engine.chmod(0o755)
    said = engines.digest(str(engine), "image")
    assert said == "sha256:image image inspect --format {{.Id}} image"


def test_an_engine_that_fails_or_is_not_there_names_no_digest(tmp_path: Path) -> None:
    engine = tmp_path / "docker"
    assert engines.digest(str(engine), "image") == ""
    engine.write_text("#!/bin/sh\necho no such image; exit 1")
    engine.chmod(0o755)
    assert engines.digest(str(engine), "image") == ""
