"""SymPy's opinion on whether two formulas are equal, asked in a process of its own.

The web process never imports SymPy: that would cost it half a second and 50 MB, and a
simplification may run for hours. The process is started by an argument list when it
is first needed, limits its own memory and processor time, answers many questions, and
is replaced when it fails, is late or has answered enough. Waiting for it, its start
included, takes :data:`PATIENCE_S` at most; then nothing is known.
"""

from __future__ import annotations

import ast
import atexit
import contextlib
import json
import logging
import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

PATIENCE_S = 3.0
MOST_ANSWERS = 200  # SymPy's caches grow
_LONGEST_ANSWER = 1000
_PROGRAM = Path(__file__).with_name("symbolic_worker.py")
_SIGNS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "^",
}
Facts = Mapping[str, Mapping[str, bool]]  # what SymPy may assume of each symbol

logger = logging.getLogger(__name__)


class SymbolicFailure(Exception):
    """The process died or was late."""


def proven_equal(left: ast.expr, right: ast.expr, symbols: Facts) -> bool | None:
    """Whether SymPy proves or refutes it in time; None: neither."""
    job = {"left": _tree(left), "right": _tree(right), "symbols": symbols}
    return _POOL.ask(json.dumps(job).encode() + b"\n", time.monotonic() + PATIENCE_S)


def _tree(node: ast.expr) -> list[Any]:
    match node:
        case ast.Constant(value=value):
            return ["number", str(Fraction(value))]  # type: ignore[arg-type]
        case ast.Name(id=name):
            return ["name", name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return ["-", _tree(operand)]
        case ast.UnaryOp(operand=operand):
            return _tree(operand)
        case ast.BinOp(left=left, op=op, right=right):
            return [_SIGNS[type(op)], _tree(left), _tree(right)]
        case ast.Call(func=ast.Name(id=name), args=args):
            return [name, *map(_tree, args)]
    raise AssertionError(ast.dump(node))


class _Process:
    """One running worker."""

    def __init__(self) -> None:
        self.answers = 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", str(_PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath, "LANG": "C.UTF-8"},
            cwd="/",
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        """It was idle for long, or somebody killed it."""
        return self._process.poll() is not None

    def ask(self, line: bytes, deadline: float) -> bool | None:
        """Raises:
        SymbolicFailure: no answer came in time.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
            reply = json.loads(self._line(deadline))
        except (OSError, ValueError) as error:
            raise SymbolicFailure(str(error)) from error
        self.answers += 1
        equal = reply.get("equal") if isinstance(reply, dict) else None
        return equal if isinstance(equal, bool) else None

    def _line(self, deadline: float) -> bytes:
        assert self._process.stdout is not None
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise SymbolicFailure("late")
                part = os.read(self._process.stdout.fileno(), _LONGEST_ANSWER)
                line += part
                if not part or len(line) > _LONGEST_ANSWER:
                    raise SymbolicFailure("died")
        return line

    def end(self) -> None:
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.communicate()


class _Pool:
    """The one worker of this process, used by one thread at a time."""

    def __init__(self) -> None:
        self.reset()
        os.register_at_fork(after_in_child=self.reset)
        atexit.register(self.end)

    def reset(self) -> None:
        """Forget the worker: after a fork it is the parent's."""
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def ask(self, line: bytes, deadline: float) -> bool | None:
        if not self._lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            return None
        try:
            return self._answer(line, deadline)
        except (SymbolicFailure, OSError) as error:
            logger.warning("no symbolic answer: %s", error)
            self.end()
            return None
        finally:
            self._lock.release()

    def _answer(self, line: bytes, deadline: float) -> bool | None:
        if self._process is not None and self._process.ended:
            self.end()
        if self._process is None:
            self._process = _Process()
        answer = self._process.ask(line, deadline)
        if self._process.answers >= MOST_ANSWERS:
            self.end()
        return answer

    def end(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid


_POOL = _Pool()
