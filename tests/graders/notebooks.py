"""What tests of notebooks share."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest

from graders.intake import Intake, IntakeError, read_upload
from graders.notes import About

REAL = "def f(x):\n    return x + 1"
STARTER = "def f(x):\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def cell(text: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": text} | more


def notebook(*cells: Any) -> bytes:
    made = [cell(one) if isinstance(one, str) else one for one in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": made}).encode()


def intake(*cells: Any, requires: tuple[str, ...] = ("f",)) -> Intake:
    return read_upload(notebook(*cells), "work.ipynb", requires)


def about(found: Intake, kind: About) -> list[str]:
    return [n.text.replace("\xa0", " ") for n in found.notes if n.about is kind]


def refusal(*cells: Any, requires: tuple[str, ...] = ("f",)) -> str:
    with pytest.raises(IntakeError) as caught:
        intake(*cells, requires=requires)
    return str(caught.value).replace("\xa0", " ")


def meaning(source: str) -> list[str]:
    """The statements, whatever their order and their comments."""
    return sorted(ast.dump(node) for node in ast.parse(source).body)


def executed(source: str) -> dict[str, Any]:
    """Our own code, not a student's."""
    namespace: dict[str, Any] = {"__name__": "solution"}
    exec(source, namespace)  # noqa: S102
    return namespace
