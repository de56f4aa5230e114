"""A worker with a GPU: when `serve` starts one, and how compose.yaml describes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured

from graders.sandbox import gpu as sandboxed
from graders.sandbox import launch
from quizsite import env
from quizsite.lib import gpu
from quizsite.lib.management.commands import serve

COMPOSE = yaml.safe_load(
    (Path(configured.BASE_DIR) / "compose.yaml").read_text("utf-8")
)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with cards 1 and 2, and a torch that can use them."""
    for name in ("nvidia2", "nvidia1", "nvidiactl", "nvidia-uvm", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr(gpu, "DEVICES", tmp_path)
    monkeypatch.setattr(gpu, "DRIVER", tmp_path / "null")
    monkeypatch.setattr(gpu.metadata, "version", lambda name: "2.13.0")
    return tmp_path


def worker() -> serve.Program | None:
    return {program.name: program for program in serve.programs(8000)}.get("gpu")


# --- is there one?


def test_devices_are_counted_without_asking_cuda(card: Path) -> None:
    assert gpu.devices() == [1, 2]


def test_files_without_a_driver_are_no_devices(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpu, "DRIVER", card / "version")
    assert gpu.devices() == []


@pytest.mark.parametrize(
    ("version", "built"),
    [("2.13.0", True), ("2.13.0+cu130", True), ("2.13.0+cpu", False)],
)
def test_the_build_of_torch_says_whether_it_can_use_one(
    monkeypatch: pytest.MonkeyPatch, version: str, built: bool
) -> None:
    monkeypatch.setattr(gpu.metadata, "version", lambda name: version)
    assert gpu.torch_is_built_for_it() is built


# --- serve


def test_where_there_is_a_gpu_serve_starts_a_worker_for_it(
    card: Path, settings
) -> None:
    settings.SANDBOX, settings.GPU_SANDBOX = "bwrap:", ""
    program = worker()
    assert program
    argv = " ".join(program.argv)
    assert "--queues grading.gpu --concurrency 1 --hostname gpu@%h" in argv
    assert program.environment == {"GPU_SANDBOX": "bwrap:?gpu=1"}
    assert program.optional


def test_the_sandbox_is_of_the_same_kind(card: Path, settings) -> None:
    settings.SANDBOX, settings.GPU_SANDBOX = "docker:image?runtime=nvidia", ""
    assert serve.gpu_sandbox() == "docker:image?runtime=nvidia&gpu=1"


def test_what_is_set_is_taken(settings) -> None:
    settings.GPU_SANDBOX = "unix:///run/gpu?gpu=0"
    program = worker()
    assert program
    assert program.environment == {"GPU_SANDBOX": "unix:///run/gpu?gpu=0"}


def test_without_a_gpu_there_is_no_worker_for_one(settings) -> None:
    settings.GPU_SANDBOX = ""
    assert worker() is None


def test_a_torch_without_cuda_needs_none(
    card: Path, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SANDBOX, settings.GPU_SANDBOX = "bwrap:", ""
    monkeypatch.setattr(gpu.metadata, "version", lambda name: "2.13.0+cpu")
    assert worker() is None


def test_behind_a_socket_nothing_is_guessed(card: Path, settings) -> None:
    settings.SANDBOX, settings.GPU_SANDBOX = "unix:///run/sandbox", ""
    assert worker() is None


# --- settings


@pytest.mark.parametrize(
    ("name", "url", "gpu", "cure"),
    [
        ("SANDBOX", "bwrap:?gpu=0", False, "name a GPU in GPU_SANDBOX"),
        ("GPU_SANDBOX", "bwrap:", True, r"name a device: \?gpu=0"),
        ("GPU_SANDBOX", "docker:image?runtime=nvidia", True, "name a device"),
    ],
)
def test_a_sandbox_of_the_other_kind_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, url: str, gpu: bool, cure: str
) -> None:
    monkeypatch.setenv(name, url)
    with pytest.raises(ImproperlyConfigured, match=cure):
        env.sandbox(name, "", gpu=gpu)


@pytest.mark.parametrize(
    ("url", "gpu"), [("bwrap:", False), ("", True), ("bwrap:?gpu=0", True)]
)
def test_a_sandbox_of_the_right_kind_is_taken(
    monkeypatch: pytest.MonkeyPatch, url: str, gpu: bool
) -> None:
    monkeypatch.setenv("A_SANDBOX", url)
    assert env.sandbox("A_SANDBOX", "x", gpu=gpu) == url


# --- compose


def service(name: str) -> dict[str, Any]:
    return COMPOSE["services"][name]


def test_both_parts_are_there_only_if_they_are_asked_for() -> None:
    assert service("worker-gpu")["profiles"] == ["gpu"]
    assert service("sandbox-gpu")["profiles"] == ["gpu"]


def test_the_worker_takes_one_submission_at_a_time() -> None:
    command = service("worker-gpu")["command"]
    assert {"--queues=grading.gpu", "--concurrency=1"} <= set(command)
    url = service("worker-gpu")["environment"]["GPU_SANDBOX"]
    assert url.startswith("unix:///run/sandbox-gpu?gpu=")
    assert "sockets-gpu:/run/sandbox-gpu" in service("worker-gpu")["volumes"]


def test_only_the_sandbox_computes_on_a_device_and_both_see_the_same() -> None:
    having = [name for name, one in COMPOSE["services"].items() if "deploy" in one]
    assert having == ["worker-gpu", "sandbox-gpu"]
    watched, used = map(device_of, having)
    assert watched["device_ids"] == used["device_ids"] == ["${GPU_DEVICE:-0}"]
    assert "compute" in used["capabilities"]
    assert watched["capabilities"] == ["gpu", "utility"]


def device_of(name: str) -> dict[str, Any]:
    (device,) = service(name)["deploy"]["resources"]["reservations"]["devices"]
    return dict(device)


def test_every_wall_stands_around_the_device_too() -> None:
    plain, given = service("sandbox"), service("sandbox-gpu")
    other = {"build", "image", "profiles", "environment", "volumes", "mem_limit"}
    assert {key: given[key] for key in plain if key not in other} == {
        key: value for key, value in plain.items() if key not in other
    }


def test_it_is_told_of_its_device_as_any_sandbox_is() -> None:
    assert service("sandbox-gpu")["environment"] == sandboxed.environment("0")


def test_the_image_has_the_variables_of_every_other_sandbox() -> None:
    dockerfile = (Path(configured.BASE_DIR) / "Dockerfile").read_text("utf-8")
    told = dockerfile.partition("FROM scratch AS sandbox")[2].partition("USER")[0]
    for name, value in launch.ENVIRONMENT.items():
        assert f"{name}={value}" in told.replace("\\\n", "")
