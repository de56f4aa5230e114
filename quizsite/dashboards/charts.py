"""Bar charts as numbers for an SVG template; widths in per cent, so they reflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from django.utils.translation import gettext as _

from quizsite.lib.numbers import format_number

ROW = 46  # height of a bar with its label, in CSS pixels
MIN_N = 10  # below this, shares of a class are not worth a chart


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true share lies, with 95 % confidence."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    share: float  # of the chart's width, 0..1
    text: str  # the value as people read it
    tone: str = ""  # a class: ok, bad, warn, busy
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class PlacedBar:
    bar: Bar
    top: int

    @property
    def text_y(self) -> int:
        return self.top + 15

    @property
    def bar_y(self) -> int:
        return self.top + 23

    @property
    def middle_y(self) -> int:
        return self.top + 29

    @property
    def bar_end_y(self) -> int:
        return self.top + 35

    @property
    def width(self) -> str:
        return _percent(self.bar.share)

    @property
    def low(self) -> str | None:
        return _percent(self.bar.interval.low) if self.bar.interval else None

    @property
    def high(self) -> str | None:
        return _percent(self.bar.interval.high) if self.bar.interval else None


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    bars: Sequence[Bar]

    @property
    def height(self) -> int:
        return ROW * len(self.bars)

    @property
    def has_intervals(self) -> bool:
        return any(bar.interval for bar in self.bars)

    @property
    def has_few(self) -> bool:
        return any(bar.tone == "few" for bar in self.bars)

    @property
    def placed(self) -> list[PlacedBar]:
        return [PlacedBar(bar, ROW * row) for row, bar in enumerate(self.bars)]


def _percent(share: float) -> str:
    # An SVG attribute: never with a decimal comma.
    return f"{100 * min(max(share, 0.0), 1.0):.1f}%"


def wilson(share: float, n: int) -> Interval | None:
    """Wilson's 95 % interval; for partial marks it errs on the wide side.

    A mark between 0 and 1 varies at most as much as a coin with the same mean.
    """
    if n < MIN_N:
        return None
    z = 1.96
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    spread = z / scale * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(max(0.0, centre - spread), min(1.0, centre + spread))


def mean_bar(label: str, shares: Sequence[float]) -> Bar:
    """The mean of a class; of a few people it says the sum, and claims no more."""
    n = len(shares)
    if n == 0:
        return Bar(label, 0, _("нет данных"), "few")
    mean = sum(shares) / n
    if n < MIN_N:
        total = format_number(sum(shares), decimals=2)
        text = _("%(total)s из %(n)d") % {"total": total, "n": n}
        return Bar(label, mean, text, "few")
    text = f"{round(100 * mean)} % (n = {n})".replace(" ", "\N{NO-BREAK SPACE}")
    return Bar(label, mean, text, "", wilson(mean, n))
