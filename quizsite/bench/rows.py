"""Figures with what is wanted of them, as a table and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; ``baseline`` was measured in the same run, in the same unit."""

    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    baseline: float | None = None

    @property
    def ok(self) -> bool:
        above = self.at_least is None or self.value >= self.at_least
        return above and (self.at_most is None or self.value <= self.at_most)

    @property
    def wanted(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"


def p95(samples: Sequence[float]) -> float:
    """The 95th percentile; of few samples the largest."""
    return max(samples) if len(samples) < 20 else quantiles(samples, n=20)[-1]


def spread(what: str, samples: Sequence[float], *, at_most: float) -> list[Row]:
    """Median and 95th percentile of times in ms; the bound is the median's."""
    return [
        Row(what, median(samples), "ms", at_most=at_most),
        Row(f"{what}, p95", p95(samples), "ms"),
    ]


def to_json(rows: Sequence[Row]) -> str:
    listed = [asdict(row) | {"ok": row.ok} for row in rows]
    return json.dumps(listed, ensure_ascii=False, indent=1)


def to_table(rows: Sequence[Row]) -> str:
    head = f"{'':<58}{'measured':>10} {'unit':<6}{'baseline':>10}{'wanted':>9}"
    return "\n".join([head, *map(_line, rows)])


def _line(row: Row) -> str:
    baseline = "" if row.baseline is None else f"{row.baseline:.1f}"
    mark = "" if row.ok else "  MISSED"
    measured = f"{row.value:>10.2f} {row.unit:<6}"
    return f"{row.what:<58}{measured}{baseline:>10}{row.wanted:>9}{mark}"
