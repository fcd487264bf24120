"""The geometry of pictures: from values to coordinates. The templates draw it as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from autograder.report import text
from autograder.results import Curves, Heatmap

MOST_CELLS = 64  # of a heat map's side; larger ones are shown in blocks
LEVELS = 9  # shades
FINE = 10
SQUARE = "h1v1h-1z"
CROSSED = SQUARE + "l1 1m0-1l-1 1"
MOST_LINES = 6  # told apart by colour and dashes
MOST_POINTS = 400
WIDTH, HEIGHT = 560.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 20.0, 34.0, 50.0
WIDE_RANGE = 1000  # of positive values: drawn on a logarithmic scale
HUGE, TINY = 1e100, 1e-100  # beyond them a value is off the chart, or zero


class HeatmapView(msgspec.Struct, frozen=True):
    """A path of unit squares for each shade, and one for the cells that aren't numbers."""

    columns: int
    rows: int
    width: float
    height: float
    paths: dict[str, str]  # shade ("1" to "8", "nan") -> the d of an SVG path
    caption: str
    fine: bool  # the squares are too small for lines between them


class Tick(msgspec.Struct, frozen=True):
    at: float
    label: str


class Line(msgspec.Struct, frozen=True):
    name: str
    path: str
    dots: list[tuple[float, float]]  # points without neighbours, which a path doesn't show
    last: str
    lost: int  # values that aren't numbers or off the chart


class CurvesView(msgspec.Struct, frozen=True):
    lines: list[Line]
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    logarithmic: bool  # the y axis
    left_out: int  # lines


class Bin(msgspec.Struct, frozen=True):
    low: int  # in per cent
    count: int
    x: float
    y: float
    width: float
    height: float


def heatmap(picture: Heatmap) -> HeatmapView | None:
    """Where to draw a heat map's cells; None if there are none."""
    rows, columns = len(picture.grid), max(map(len, picture.grid), default=0)
    if not columns:
        return None
    tall, wide = -(-rows // MOST_CELLS), -(-columns // MOST_CELLS)
    paths: dict[str, str] = {}
    for top in range(0, rows, tall):
        for left in range(0, columns, wide):
            block = [v for row in picture.grid[top : top + tall] for v in row[left : left + wide]]
            shade = _shade(block)
            if shade != "0":  # the background
                square = CROSSED if shade == "nan" else SQUARE
                cell = f"M{left // wide} {top // tall}{square}"
                paths[shade] = paths.get(shade, "") + cell
    down, across = -(-rows // tall), -(-columns // wide)
    side = min(max(384 / across, 6), 24)
    caption = f"{rows} by {columns}"
    if tall * wide > 1:
        caption += f"; each square is the largest of {tall} by {wide}"
    height = max(down * side, 16)
    return HeatmapView(across, down, across * side, height, paths, caption, side < FINE)


def _shade(block: Sequence[float]) -> str:
    """The shade of the largest value; a NaN is never hidden by its neighbours."""
    if not block or any(math.isnan(value) for value in block):
        return "nan"
    # Rounded up: a small difference isn't shown as none, but for what is below a thousandth.
    return str(math.ceil(min(max(*block, 0.0), 1.0) * (LEVELS - 1) - 0.008))


def curves(picture: Curves) -> CurvesView | None:
    """Where to draw lines and ticks; None if there is no value to draw."""
    kept = dict(list(picture.lines.items())[:MOST_LINES])
    values = [value for line in kept.values() for value in line if _drawable(value)]
    if not values:
        return None
    logarithmic = min(values) > TINY and max(values) / min(values) > WIDE_RANGE
    scaled = [math.log10(value) for value in values] if logarithmic else values
    low, high, y_step = _range(min(scaled), max(scaled), 1.0 if logarithmic else 0.0)
    x_high = max(2, *map(len, kept.values()))

    def x(index: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * index / (x_high - 1)

    def y(value: float) -> float:
        value = math.log10(value) if logarithmic else value
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    lines = []
    for name, line in kept.items():
        every = -(-len(line) // MOST_POINTS)
        runs = _runs([(x(i), y(v)) if _drawable(v) else None for i, v in enumerate(line)], every)
        path = "".join("M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in r) for r in runs if len(r) > 1)
        dots = [run[0] for run in runs if len(run) == 1]
        last = text.number(line[-1] if line else None, 4)
        lost = sum(not _drawable(value) for value in line)
        lines.append(Line(name, path, dots, last, lost))
    x_step = max(round(_step(1, x_high)), 1)
    x_ticks = [Tick(x(n - 1), str(n)) for n in sorted({1, *range(x_step, x_high + 1, x_step)})]
    steps = range(round(low / y_step), round(high / y_step) + 1)
    marks = [10 ** (step * y_step) if logarithmic else step * y_step for step in steps]
    y_ticks = [Tick(y(mark), f"{mark:.{4 if logarithmic else 8}g}") for mark in marks]
    return CurvesView(lines, x_ticks, y_ticks, logarithmic, len(picture.lines) - len(kept))


def histogram(shares: Sequence[float]) -> list[Bin]:
    """Ten bars: how many shares lie in 0 to 10 %, ... 90 to 100 % (with 100 % in the last)."""
    counts = [0] * 10
    for share in shares:
        counts[min(int(share * 10 + 1e-9), 9)] += 1
    width = (WIDTH - LEFT - RIGHT) / 10
    tallest = max(*counts, 1)
    bins = []
    for index, count in enumerate(counts):
        height = (HEIGHT - TOP - BOTTOM - 16) * count / tallest
        left = LEFT + index * width
        bins.append(Bin(10 * index, count, left + 2, HEIGHT - BOTTOM - height, width - 4, height))
    return bins


def _drawable(value: float | None) -> bool:
    # False for NaN and infinities; JSON has neither, they come back from it as null.
    return value is not None and abs(value) < HUGE


def _runs(
    points: Sequence[tuple[float, float] | None], every: int
) -> list[list[tuple[float, float]]]:
    """The stretches of points without a gap; of each stretch every so many, and its last."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is not None:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [run[:-1:every] + run[-1:] for run in runs if run]


def _step(low: float, high: float) -> float:
    """A round step (1, 2 or 5 times a power of ten) that makes about five of the range."""
    rough = (high - low) / 5
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def _range(low: float, high: float, least: float) -> tuple[float, float, float]:
    """The range rounded outwards to whole steps, and the step, which is at least `least`."""
    if high - low <= max(1e-9 * max(abs(low), abs(high)), TINY):
        margin = abs(low) / 10 if abs(low) > TINY else 1.0
        low, high = low - margin, high + margin
    step = max(_step(low, high), least)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step
