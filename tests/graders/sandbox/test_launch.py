"""The argument vector of the container: what is visible and what is not."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from graders.errors import SandboxUnavailable
from graders.sandbox import launch

PROJECT = Path(__file__).resolve().parents[3]


def bound() -> dict[str, str]:
    """What is bound, by where it is seen."""
    argv = launch.bubblewrap()
    kinds = ("--ro-bind", "--ro-bind-try", "--dev-bind")
    places = [at for at, word in enumerate(argv) if word in kinds]
    return {argv[at + 2]: argv[at + 1] for at in places}


def test_nothing_is_bound_writable() -> None:
    argv = launch.bubblewrap()
    assert "--bind" not in argv
    assert argv[-argv[::-1].index("--remount-ro")] == "/"
    masks = [argv[at + 1] for at, word in enumerate(argv) if word == "--tmpfs"]
    sealed = [argv[at + 1] for at, word in enumerate(argv) if word == "--remount-ro"]
    assert set(masks) <= set(sealed)


def test_of_the_project_only_the_runner_and_libraries_are_seen() -> None:
    ours = {place for place, path in bound().items() if path.startswith(str(PROJECT))}
    assert {place.split("/")[1] for place in ours} <= {"grader", "site"}
    assert bound()["/grader/runner"] == str(PROJECT / "graders" / "runner")


def test_libraries_are_an_allow_list() -> None:
    names = set(launch.library_paths())
    assert {"torch", "numpy", "safetensors", "msgpack"} <= names
    assert not names & {"django", "celery", "pytest", "hypothesis", "graders", "pip"}
    assert all(path.exists() for path in launch.library_paths().values())


def test_the_host_is_cut_off() -> None:
    argv = launch.bubblewrap()
    for flag in ("pid", "ipc", "uts", "net"):
        assert f"--unshare-{flag}" in argv
    for flag in ("--die-with-parent", "--new-session", "--clearenv"):
        assert flag in argv
    assert argv[argv.index("--cap-drop") + 1] == "ALL"
    assert not {"/home", "/etc", "/root", "/var", "/", "/tmp", "/sys"} & set(bound())


def test_the_interpreter_reads_nothing_but_its_own_library() -> None:
    argv = launch.bubblewrap()
    python = argv[argv.index("--") + 1 :]
    assert python[1:5] == ["-I", "-S", "-B", "-c"]
    assert Path(python[0]).samefile(sys.executable)


@pytest.mark.parametrize(
    ("user", "uid_map", "expected"),
    [
        (0, "0 0 4294967295", True),
        (0, "0 1000 1", False),  # a rootless container
        (0, "0 1000 1\n1 100000 65536", True),
        (1000, "0 0 4294967295", False),
    ],
)
def test_root_becomes_somebody_else_where_it_can(
    monkeypatch: pytest.MonkeyPatch, user: int, uid_map: str, expected: bool
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: uid_map)
    assert launch._can_become(launch.UID) is expected


def test_an_ordinary_user_gets_a_user_namespace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    argv = launch.bubblewrap()
    assert "--unshare-user" in argv
    assert "--cap-add" not in argv


def test_without_torch_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_closure", set)
    with pytest.raises(SandboxUnavailable, match="torch"):
        launch.library_paths()


REQUIRED = {  # as torch built for CUDA does
    "torch": [
        "sympy>=1.13.3",
        "cuda-toolkit[cublas, cudart]==13.0.3; platform_system == 'Linux'",
        'optree>=0.13.0; extra == "optree"',
    ],
    "cuda-toolkit": [
        'nvidia-cublas==13.*; extra == "cublas"',
        "nvidia-cuda-runtime==13.*; extra == 'cudart'",
        'nvidia-cufft==12.*; extra == "cufft"',
    ],
}


def test_what_torch_asks_for_by_extras_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def distribution(name: str) -> SimpleNamespace:
        return SimpleNamespace(requires=REQUIRED.get(name))

    monkeypatch.setattr(launch.metadata, "distribution", distribution)
    assert launch._closure() == {
        *launch.DISTRIBUTIONS,
        *("sympy", "cuda-toolkit", "nvidia-cublas", "nvidia-cuda-runtime"),
    }
