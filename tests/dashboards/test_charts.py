"""Charts say no more than the numbers do."""

from __future__ import annotations

import pytest

from quizsite.dashboards.charts import MIN_N, Bar, Chart, mean_bar, wilson


def test_a_few_people_are_counted_and_not_turned_into_per_cents():
    bar = mean_bar("Вопрос", [1.0, 0.5, 0.0])
    assert bar.text == "1,5 из 3"
    assert bar.tone == "few"
    assert bar.interval is None


def test_enough_people_make_a_share_with_its_uncertainty():
    bar = mean_bar("Вопрос", [1.0] * 8 + [0.0] * 2)
    assert bar.text.startswith("80")
    assert bar.interval.low < 0.8 < bar.interval.high


def test_nobody_is_no_data():
    assert mean_bar("Вопрос", []).text == "нет данных"


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_an_interval_stays_within_what_is_possible(share):
    interval = wilson(share, MIN_N)
    assert 0 <= interval.low <= share <= interval.high + 1e-9 <= 1 + 1e-9


def test_a_unanimous_class_is_still_uncertain():
    assert wilson(1.0, 10).low == pytest.approx(0.7225, abs=1e-3)


def test_widths_are_numbers_that_svg_reads():
    placed = Chart("Т", [Bar("а", 1 / 3, ""), Bar("б", 2.0, "")]).placed
    assert [one.width for one in placed] == ["33.3%", "100.0%"]


def test_every_bar_has_its_own_row():
    chart = Chart("Т", [Bar("а", 0, "")] * 3)
    tops = [one.top for one in chart.placed]
    assert tops == sorted(set(tops))
    assert chart.height > tops[-1]
