"""The geometry of pictures, for any values."""

from __future__ import annotations

import math
import re
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.report import charts
from autograder.results import Curves, Heatmap

floats = st.floats(allow_nan=True, allow_infinity=True)


def cells(view: charts.HeatmapView, shade: str) -> int:
    return view.paths.get(shade, "").count("h1v1h-1z")


def test_shades_run_from_equal_to_fully_different() -> None:
    view = charts.heatmap(Heatmap("", [[0.0, 0.5, 1.0], [1.0, 1.0, 0.0]]))
    assert view is not None
    assert {shade: cells(view, shade) for shade in view.paths} == {"4": 1, "8": 3}
    assert view.paths["4"] == "M1 0h1v1h-1z"


def test_a_small_difference_is_not_shown_as_none() -> None:
    view = charts.heatmap(Heatmap("", [[0.0, 0.01]]))
    assert view is not None
    assert cells(view, "1") == 1


def test_values_out_of_range_and_nan() -> None:
    view = charts.heatmap(Heatmap("", [[math.nan, math.inf, -math.inf, 7.0, -7.0]]))
    assert view is not None
    assert {shade: cells(view, shade) for shade in view.paths} == {"nan": 1, "8": 2}


def test_rows_of_different_lengths_are_filled_with_crosses() -> None:
    view = charts.heatmap(Heatmap("", [[1.0, 1.0], [1.0], []]))
    assert view is not None
    assert {shade: cells(view, shade) for shade in view.paths} == {"8": 3, "nan": 3}


@pytest.mark.parametrize("grid", [[], [[]], [[], []]])
def test_an_empty_grid_is_no_picture(grid: list[list[float]]) -> None:
    assert charts.heatmap(Heatmap("", grid)) is None


def test_a_single_row_stays_visible() -> None:
    view = charts.heatmap(Heatmap("", [[1.0] * 60]))
    assert view is not None
    assert view.height >= 16


def test_a_large_grid_is_shown_in_blocks_that_keep_the_largest_value() -> None:
    grid = [[0.0] * 300 for _ in range(200)]
    grid[133][277] = 1.0
    view = charts.heatmap(Heatmap("", grid))
    assert view is not None
    assert view.columns <= charts.MOST_CELLS
    assert view.rows <= charts.MOST_CELLS
    assert cells(view, "8") == 1
    assert view.caption == "200 by 300; each square is the largest of 4 by 5"


def test_ticks_are_round_numbers_that_cover_the_values() -> None:
    view = charts.curves(Curves("", {"a": [0.12, 1.9]}))
    assert view is not None
    assert [tick.label for tick in view.y_ticks] == ["0", "0.5", "1", "1.5", "2"]
    assert [tick.label for tick in view.x_ticks] == ["1", "2"]


def test_a_line_is_broken_where_it_is_not_a_number() -> None:
    view = charts.curves(Curves("", {"a": [1.0, 2.0, math.nan, 3.0, math.inf, 1.0, 1.0]}))
    assert view is not None
    line = view.lines[0]
    assert line.path.count("M") == 2
    assert len(line.dots) == 1
    assert line.lost == 2


def test_a_loss_that_explodes_is_shown_on_a_logarithmic_scale() -> None:
    view = charts.curves(Curves("", {"a": [1.0, 1e4], "b": [2.0, 0.5]}))
    assert view is not None
    assert view.logarithmic
    assert [tick.label for tick in view.y_ticks] == ["0.1", "1", "10", "100", "1000", "1e+04"]


def test_null_from_json_is_not_a_number() -> None:
    values = cast("list[float]", [1.0, 2.0, None])
    view = charts.curves(Curves("", {"a": values}))
    assert view is not None
    assert (view.lines[0].lost, view.lines[0].last) == (1, "-")


@pytest.mark.parametrize("lines", [{}, {"a": []}, {"a": [math.nan]}])
def test_without_a_number_there_is_no_chart(lines: dict[str, list[float]]) -> None:
    assert charts.curves(Curves("", lines)) is None


def test_more_lines_than_can_be_told_apart_are_counted() -> None:
    view = charts.curves(Curves("", {str(number): [1.0, 2.0] for number in range(9)}))
    assert view is not None
    assert (len(view.lines), view.left_out) == (6, 3)


def test_long_lines_are_thinned_out() -> None:
    view = charts.curves(Curves("", {"a": [float(number % 7) for number in range(100_000)]}))
    assert view is not None
    assert view.lines[0].path.count("L") <= charts.MOST_POINTS


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.lists(floats, max_size=30), max_size=3))
def test_any_lines_stay_on_the_chart(lines: dict[str, list[float]]) -> None:
    view = charts.curves(Curves("", lines))
    for line in view.lines if view else []:
        for x, y in re.findall(r"([-\d.]+) ([-\d.]+)", line.path):
            assert charts.LEFT - 0.1 <= float(x) <= charts.WIDTH
            assert 0 <= float(y) <= charts.HEIGHT - charts.BOTTOM + 0.1
    for tick in view.y_ticks if view else []:
        assert 0 <= tick.at <= charts.HEIGHT
    assert view is None or 2 <= len(view.y_ticks) <= 12


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(floats, max_size=70), max_size=70))
def test_any_grid_can_be_drawn(grid: list[list[float]]) -> None:
    view = charts.heatmap(Heatmap("", grid))
    assert view is None or set(view.paths) <= {*"12345678", "nan"}


def test_histogram_counts_every_share_once() -> None:
    bins = charts.histogram([0.0, 0.05, 0.3, 0.299999999999, 0.95, 1.0])
    assert [one.count for one in bins] == [2, 0, 0, 2, 0, 0, 0, 0, 0, 2]
    assert sum(one.count for one in charts.histogram([])) == 0
