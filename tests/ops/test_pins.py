"""What is installed is written down exactly, and names no registry's address."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
REQUIREMENTS = (ROOT / "requirements.txt").read_text("utf-8")
PINS = [line for line in REQUIREMENTS.splitlines() if re.match(r"[a-z0-9]", line)]


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def test_every_python_package_has_one_exact_version() -> None:
    assert PINS
    assert [
        pin for pin in PINS if not re.match(r"[a-z0-9-]+==[^+\s]+(\s|$)", pin)
    ] == []


def test_every_declared_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    assert {canonical(name) for name in declared} <= {canonical(pin) for pin in PINS}


def test_no_machines_own_torch_build_or_index_is_written_down() -> None:
    assert "\ntorch==2.13.0 " in REQUIREMENTS
    assert not re.search(r"nvidia|cuda|triton|\+cpu|://|^-", REQUIREMENTS, re.MULTILINE)


def test_browser_packages_are_exact_and_their_lock_names_no_registry() -> None:
    folder = ROOT / "quizsite" / "frontend"
    package = json.loads((folder / "package.json").read_text("utf-8"))
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))
    versions = package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", text) for text in versions.values())
    locked = lock["packages"]
    assert {n: locked[f"node_modules/{n}"]["version"] for n in versions} == versions
    assert not [name for name, entry in locked.items() if "resolved" in entry]
    assert all("integrity" in entry for name, entry in locked.items() if name)
