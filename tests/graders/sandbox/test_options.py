"""What may stand after the question mark of a sandbox's address."""

from __future__ import annotations

import pytest

from graders.errors import SandboxUnavailable
from graders.sandbox.options import MOST_SPARES, Options
from graders.sandbox.pool import open_sandbox


def test_without_options_containers_serve_many_submissions() -> None:
    assert Options.of("docker:image") == Options()
    assert Options().single_use is False


@pytest.mark.parametrize(
    ("url", "single_use"),
    [
        ("docker:image?single_use=1", True),
        ("docker:image?runtime=runc", False),
        ("docker:image?runtime=runsc", None),
        ("podman:image?runtime=/usr/bin/runsc-kvm", None),
        ("docker:image?runtime=runsc&single_use=0", False),
        ("docker:image?runtime=runsc&single_use=1", True),
    ],
)
def test_only_of_gvisor_is_it_to_be_found_out(
    url: str, single_use: bool | None
) -> None:
    assert Options.of(url).single_use is single_use


@pytest.mark.parametrize("runtime", ["runc", "runsc"])
def test_with_a_gpu_a_container_is_never_of_single_use(runtime: str) -> None:
    assert Options.of(f"docker:image?gpu=0&runtime={runtime}").single_use is False
    with pytest.raises(SandboxUnavailable, match="with a GPU"):
        Options.of(f"docker:image?gpu=0&runtime={runtime}&single_use=1")


@pytest.mark.parametrize("url", ["bwrap:?gpu=0", "unix:///run/x?gpu=0"])
def test_every_kind_may_be_given_a_gpu(url: str) -> None:
    assert Options.of(url) == Options()


def test_the_number_of_spares_is_bounded() -> None:
    assert Options.of("docker:image?single_use=1&spares=0").spares == 0
    for word in (str(MOST_SPARES + 1), "-1", "many", ""):
        with pytest.raises(SandboxUnavailable, match="spares"):
            Options.of(f"docker:image?spares={word}")


@pytest.mark.parametrize("url", ["bwrap:?single_use=1", "unix:///run/x?single_use=1"])
def test_weaker_walls_cannot_be_asked_of_containers_that_serve_many(url: str) -> None:
    with pytest.raises(SandboxUnavailable, match="takes no options"):
        open_sandbox(url)


@pytest.mark.parametrize(
    "query", ["runtme=runsc", "single_use=yes", "single_use=", "privileged=1"]
)
def test_a_mistyped_option_is_refused(query: str) -> None:
    with pytest.raises(SandboxUnavailable):
        open_sandbox(f"docker:image?{query}")
