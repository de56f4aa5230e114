"""What an attack is, and the layer that should withstand it; see ``attacks``."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent, indent

from graders.sandbox.session import Failure, Outcome, RunnerLimits

LIMITS = RunnerLimits(wall_s=5.0, memory_mb=256)


@dataclass(frozen=True, slots=True)
class Attack:
    """A submission that must fail in one of the ways named, or return True."""

    what: str
    body: str
    failures: tuple[Failure, ...] = ()  # none: it looks around
    limits: RunnerLimits = LIMITS

    def function(self, name: str) -> str:
        """The source of a function that makes it."""
        return f"def {name}():\n{indent(dedent(self.body).strip(), ' ')}\n"

    def failed(self, outcome: Outcome) -> bool:
        """Whether what came of it is what should."""
        if self.failures:
            return outcome.failure in self.failures
        return outcome.ok and outcome.value["output"] is True

    def described(self, outcome: Outcome) -> str:
        words = [self.what, f"answered in {outcome.wall_ms:.0f} ms"]
        if outcome.failure is not None:
            words[1:] = [outcome.failure, outcome.error_type, outcome.error_message]
        return " ".join(word for word in words if word)[:200]


@dataclass(frozen=True, slots=True)
class Layer:
    """What should hold, and attacks that would show that it does not."""

    name: str
    attacks: tuple[Attack, ...]
    few: int = 1  # of the attacks are telling where each takes a container


def looks(name: str, body: str, times: int = 1) -> Layer:
    """A layer that one submission, as often as is said, looks at."""
    return Layer(name, (Attack("", body),) * times, times)
