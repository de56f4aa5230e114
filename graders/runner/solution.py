"""A student's source as a module, and its exceptions as text."""

from __future__ import annotations

import linecache
import sys
import traceback
import types
from collections.abc import Iterable

FILENAME = "solution.py"
TEXT = 8 * 1024  # of a message, and of a traceback


def load(source: str) -> types.ModuleType:
    """Execute ``source`` as the module ``solution``.

    Raises:
        BaseException: whatever compiling or executing it raised.
    """
    return execute(source, "solution", FILENAME)


def execute(source: str, name: str, filename: str) -> types.ModuleType:
    """Execute ``source`` as a module that tracebacks and inspect can show."""
    code = compile(source, filename, "exec", dont_inherit=True)
    module = types.ModuleType(name)
    module.__file__ = filename
    sys.modules[name] = module
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    exec(code, module.__dict__)  # noqa: S102
    return module


def undefined(module: types.ModuleType, names: Iterable[str]) -> list[str]:
    """Required names that are not there, or cannot be called."""
    return [name for name in names if not callable(getattr(module, name, None))]


def message(error: BaseException) -> str:
    """The exception's text, whatever its ``__str__`` does."""
    try:
        return str(error)[:TEXT]
    except Exception:
        return ""


def student_lines(error: BaseException) -> str:
    """The traceback without our frames and torch's."""
    if isinstance(error, SyntaxError) and error.filename == FILENAME:
        return "".join(traceback.format_exception_only(error))[:TEXT]
    return listing(traceback.extract_tb(error.__traceback__))


def listing(frames: traceback.StackSummary) -> str:
    """The student's own frames, with their lines."""
    ours = [frame for frame in frames if frame.filename == FILENAME]
    return "".join(traceback.format_list(ours))[-TEXT:]
