"""What a sandbox with a GPU is given; none is needed here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.errors import SandboxUnavailable
from graders.sandbox import engines, gpu, launch, pool
from graders.sandbox.gpu import Gpu

CARD = Gpu(1, "GPU-5a1c", "NVIDIA L4")
INFORMATION = """Model: \t\t NVIDIA {model}
IRQ:   \t\t 24
GPU UUID: \t {uuid}
Bus Location: \t 0000:0{minor}:00.0
Device Minor: \t {minor}
"""
LISTING = """3 libs found in cache `/etc/ld.so.cache'
\tlibnvidia-ml.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libnvidia-ml.so.1
\tlibcuda.so.1 (libc6,x86-64) => /usr/local/nvidia/libcuda.so.1
\tlibcuda.so.1 (libc6) => /usr/local/nvidia32/libcuda.so.1
\tlibcudadebugger.so.1 (libc6,x86-64) => /usr/local/nvidia/libcudadebugger.so.1
\tlibGLX_nvidia.so.0 (libc6,x86-64) => /usr/local/nvidia/libGLX_nvidia.so.0
"""


def is_among(words: list[str], argv: list[str]) -> bool:
    """Whether the words stand in ``argv``, one after the other."""
    places = range(len(argv) - len(words) + 1)
    return any(argv[at : at + len(words)] == words for at in places)


# --- which there are


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    for bus, minor, uuid, model in (
        ("0000:81:00.0", 1, "GPU-b", "L4"),
        ("0000:01:00.0", 0, "GPU-a", "T4"),
    ):
        folder = tmp_path / "gpus" / bus
        folder.mkdir(parents=True)
        text = INFORMATION.format(minor=minor, uuid=uuid, model=model)
        (folder / "information").write_text(text)
    return tmp_path


def test_the_driver_says_which_devices_there_are(driver: Path) -> None:
    found = gpu.devices(driver)
    assert found == [Gpu(0, "GPU-a", "NVIDIA T4"), Gpu(1, "GPU-b", "NVIDIA L4")]


def test_without_a_driver_there_is_none(tmp_path: Path) -> None:
    assert gpu.devices(tmp_path) == []


def test_a_device_that_is_not_there_is_refused_with_those_that_are(
    driver: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = gpu.devices(driver)
    monkeypatch.setattr(gpu, "devices", lambda: found)
    assert gpu.device(1) == found[1]
    with pytest.raises(SandboxUnavailable, match="no GPU 7 here; there is: 0, 1"):
        gpu.device(7)


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("bwrap:", None),
        ("docker:image?runtime=runsc", None),
        ("bwrap:?gpu=0", 0),
        ("docker:image?runtime=nvidia&gpu=12", 12),
        ("unix:///run/sandbox?gpu=3", 3),
    ],
)
def test_the_url_names_the_device(url: str, number: int | None) -> None:
    assert gpu.number_in(url) == number


@pytest.mark.parametrize("text", ["", "all", "-1", "0,1", "٣"])
def test_what_is_no_number_is_no_device(text: str) -> None:
    with pytest.raises(SandboxUnavailable, match="no number"):
        gpu.number_in(f"bwrap:?gpu={text}")


def test_every_kind_of_sandbox_hands_the_device_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[object] = []
    monkeypatch.setattr(gpu, "device", lambda number: CARD)
    monkeypatch.setattr(launch, "bubblewrap", lambda *, gpu: gpu)
    monkeypatch.setattr(pool, "ProcessLink", started.append)
    monkeypatch.setattr(engines, "start", lambda *asked, **_: started.append(asked))
    pool.connector("bwrap:?gpu=1")()
    pool.connector("docker:image?gpu=1&runtime=nvidia")()
    pool.connector("podman:image?gpu=1")()
    pool.connector("bwrap:")()
    assert started == [
        CARD,
        ("docker", "image", "nvidia", 1),
        ("podman", "image", "", 1),
        None,
    ]


# --- what it is given


@pytest.fixture
def argv(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """bubblewrap's, for a machine with two cards."""
    there = {f"/dev/{name}" for name in ("nvidia0", "nvidia1", *gpu.COMMON_FILES)}
    exists = os.path.exists
    monkeypatch.setattr(os.path, "exists", lambda path: path in there or exists(path))
    monkeypatch.setattr(gpu, "libraries", lambda: ["/usr/local/nvidia/libcuda.so.1"])
    return launch.bubblewrap(gpu=CARD)


def test_bubblewrap_shows_one_card_and_what_its_driver_needs(argv: list[str]) -> None:
    devices = [argv[at + 1] for at, word in enumerate(argv) if word == "--dev-bind"]
    ours = [path for path in devices if "nvidia" in path]
    assert ours == [
        "/dev/nvidia1",
        "/dev/nvidiactl",
        "/dev/nvidia-uvm",
        "/dev/nvidia-uvm-tools",
    ]
    for path in ("/usr/local/nvidia/libcuda.so.1", *gpu.SYSTEM_FILES):
        assert is_among(["--ro-bind-try", path, path], argv)


def test_bubblewrap_tells_cuda_of_that_card_only(argv: list[str]) -> None:
    told = {
        argv[at + 1]: argv[at + 2] for at, word in enumerate(argv) if word == "--setenv"
    }
    assert told["CUDA_VISIBLE_DEVICES"] == "GPU-5a1c"
    assert told["CUDA_CACHE_DISABLE"] == "1"


def test_without_a_gpu_nothing_of_it_is_shown_or_told() -> None:
    argv = launch.bubblewrap()
    assert not [word for word in argv if word.startswith(("/dev/nvidia", "/sys/"))]
    assert is_among(["--setenv", "CUDA_VISIBLE_DEVICES", ""], argv)


def test_docker_gives_one_device(monkeypatch: pytest.MonkeyPatch) -> None:
    argv = engines.run("docker", "image", "name", "", 2)
    assert is_among(["--gpus", "device=2"], argv)
    assert is_among(["--env", "CUDA_VISIBLE_DEVICES=0"], argv)  # the only one there
    assert is_among(["--memory", engines.GPU_MEMORY], argv)


def test_podman_gives_one_device_by_the_container_device_interface() -> None:
    argv = engines.run("podman", "image", "name", "", 2)
    assert is_among(["--device", "nvidia.com/gpu=2"], argv)
    assert is_among(["--security-opt", "label=disable"], argv)


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_every_other_wall_is_the_same_with_a_device(engine: str) -> None:
    plain = engines.run(engine, "image", "name")
    given = engines.run(engine, "image", "name", "", 0)
    differing = {"4g", "CUDA_VISIBLE_DEVICES="}
    assert set(plain) - set(given) == differing


def test_no_engine_gives_a_device_unasked() -> None:
    argv = [*engines.run("docker", "i", "n"), *engines.run("podman", "i", "n")]
    assert not {"--gpus", "--device"} & set(argv)
    assert "CUDA_VISIBLE_DEVICES=" in argv


# --- the driver's libraries


def test_only_the_drivers_own_libraries_of_this_machine_are_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert gpu.libraries(LISTING) == [
        "/lib/x86_64-linux-gnu/libnvidia-ml.so.1",
        "/usr/local/nvidia/libcuda.so.1",
    ]


def test_links_that_lead_elsewhere_are_shown_too(tmp_path: Path) -> None:
    """As Debian's alternatives do."""
    library, hop, real = (tmp_path / name for name in ("lib/cuda", "etc/cuda", "nv/c"))
    for path in (library, hop, real):
        path.parent.mkdir()
    real.touch()
    hop.symlink_to("../nv/c")
    library.symlink_to(hop)
    shown = [str(tmp_path / "lib")]
    assert list(gpu.hidden([str(library)], shown)) == [str(hop), str(real)]
    everything = [str(tmp_path)]
    assert list(gpu.hidden([str(library)], everything)) == []
