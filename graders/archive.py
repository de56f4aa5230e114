"""Bundles as zip archives with what is needed to run them; free of torch."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from exercises.spec import Exercise

HERE = Path(__file__).parent
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content makes the same bytes

EXAMPLES_README = """\
# {title}: открытые примеры

Входы и ожидаемые ответы открытых проверок. Положите рядом своё решение, назвав файл
`solution.py`, и выполните

    python replay.py

Нужны Python 3.9 или новее и PyTorch. Решение запускается как обычная программа: без
песочницы и без ограничений. Эти примеры постоянные; на сайте входы каждый раз другие,
и есть ещё скрытые проверки.
"""
REPLAY_README = """\
# {title}: повтор проверки

Здесь то, на чём проверялось решение ({scope}): `solution.py` — само решение,
`cases.json` и `cases.safetensors` — входы, зёрна случаев и ответы эталона,
`report.json` — отчёт. Чтобы повторить проверку, выполните

    python replay.py

Нужны Python 3.9 или новее и PyTorch. Решение запускается как обычная программа: без
песочницы и без ограничений. Время, память и запрещённые функции проверяет только сайт.

Где проверялось: {environment}.
Версия задания: {digest}.
"""
WORDS = {"sandbox": "песочница", "image": "образ", "python": "Python", "torch": "torch"}


def examples_archive(exercise: Exercise, cases: str, tensors: bytes) -> bytes:
    """An exercise's public examples and the notebook's helper.

    While there are no examples yet (``cases`` is empty) it holds the rest.
    """
    files = _runnable(exercise)
    files["README.md"] = EXAMPLES_README.format(title=exercise.title)
    files["dlq_helper.py"] = _text("local/dlq_helper.py")
    if cases:
        files |= {"cases.json": cases, "cases.safetensors": tensors}
    return _zipped(files)


def replay_archive(
    exercise: Exercise,
    cases: str,
    tensors: bytes,
    *,
    source: str,
    report: Mapping[str, Any],
    with_hidden: bool,
) -> bytes:
    """What a submission was run on. ``report`` must be fit for who is to have it."""
    readme = REPLAY_README.format(
        title=exercise.title,
        scope="все проверки" if with_hidden else "открытые проверки",
        environment=_environment(report.get("environment", {})),
        digest=exercise.digest,
    )
    files = _runnable(exercise) | {
        "README.md": readme,
        "solution.py": source,
        "report.json": json.dumps(report, ensure_ascii=False, indent=2),
        "cases.json": cases,
        "cases.safetensors": tensors,
    }
    return _zipped(files)


def _environment(facts: Mapping[str, str]) -> str:
    known = [f"{word} {facts[key]}" for key, word in WORDS.items() if facts.get(key)]
    return ", ".join(known) or "не записано"


def _runnable(exercise: Exercise) -> dict[str, str | bytes]:
    """The files beside the cases; those of a package do without it here."""
    probe = exercise.probe
    if probe is None:
        probe = _text("runner/probe.py").replace("from .witness", "from witness")
    return {
        "probe.py": probe,
        "witness.py": _text("runner/witness.py"),
        "replay.py": _text("local/replay.py"),
        "comparing.py": _text("local/comparing.py"),
    }


def _text(path: str) -> str:
    return (HERE / path).read_text(encoding="utf-8")


def _zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            if name.endswith(".safetensors"):  # random numbers have no pattern
                entry.compress_type = zipfile.ZIP_STORED
            archive.writestr(entry, content)
    return buffer.getvalue()
