"""Small folders of chapters for tests."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

NETS = """\
slug: nets
order: 1
title: Сети
url: https://deepmachinelearning.ru/nets
has_questions: true
summary: Из чего состоят сети.
sections:
  - number: 1
    title: Нейрон
    url: https://deepmachinelearning.ru/nets/neuron
  - number: 2
    title: Слой
    url: null
"""
TRAINING = """\
slug: training
order: 2
title: Обучение
url: null
has_questions: false
summary: Как их учат.
sections:
  - {number: 1, title: Шаг}
"""


def write_chapter(root: Path, text: str, folder: str) -> Path:
    path = root / folder / "chapter.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), encoding="utf-8")
    return path


def write_book(root: Path) -> Path:
    write_chapter(root, NETS, "01-nets")
    write_chapter(root, TRAINING, "02-training")
    return root
