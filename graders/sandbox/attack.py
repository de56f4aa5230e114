"""What an attack is, and the layer that should withstand it; see ``attacks``."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

from graders.sandbox.session import Failure, Job, RunnerLimits

LIMITS = RunnerLimits(wall_s=5.0, memory_mb=256)


@dataclass(frozen=True, slots=True)
class Attack:
    """A submission that must fail in one of the ways named, or return True."""

    what: str
    body: str
    failures: tuple[Failure, ...] = ()  # none: it looks around
    limits: RunnerLimits = LIMITS

    @property
    def job(self) -> Job:
        source = f"def attack():\n{indent(dedent(self.body).strip(), ' ')}\n"
        return Job(source, None, ("attack",), self.limits)


@dataclass(frozen=True, slots=True)
class Layer:
    """What should hold, and attacks that would show that it does not."""

    name: str
    attacks: tuple[Attack, ...]
    few: int = 1  # of the attacks are telling where each takes a container


def looks(name: str, body: str, times: int = 1) -> Layer:
    """A layer that one submission, as often as is said, looks at."""
    return Layer(name, (Attack("", body),) * times, times)
