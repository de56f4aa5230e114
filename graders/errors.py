"""Errors of the trusted side, by whose doing they are.

GraderError
├── ExerciseBroken        a reference, check or probe failed: blame exercise
└── SystemFault           our doing: the submission is graded again, at no cost
    ├── SandboxUnavailable    no isolation can be had on this machine
    │   └── IsolationRefused      the container is there, its runners get no walls
    └── SandboxBroken         the zygote died or spoke nonsense
"""

from __future__ import annotations


class GraderError(Exception):
    """Base of everything the grader raises on purpose."""


class ExerciseBroken(GraderError):
    """The exercise's own code failed; its author must mend it."""


class SystemFault(GraderError):
    """Not the student's doing; grading may be tried again."""


class SandboxUnavailable(SystemFault):
    """No isolation can be had here; the message says what to install."""


class IsolationRefused(SandboxUnavailable):
    """The container started, but the kernel lets no runner in it isolate itself."""


class SandboxBroken(SystemFault):
    """The zygote died or broke the protocol; a new one is needed."""
