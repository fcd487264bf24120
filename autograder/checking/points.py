"""What checks are worth: their weights, scaled to the points of a week.

A week has 100 points for the checks of its modules, and as many as course.toml's `notebook_points`
says for those of its notebook. A check gets the share of its weight, in hundredths of a point; what
rounding down leaves over goes to the largest remainders, a hundredth each, and among equals to the
first name. So the points always add up exactly, whatever the weights, and no order of files or
checks plays a part.

A student's checkout lacks the hidden checks, and with them their weights: the points of the
public ones are released beside the expected values.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from autograder.checking.marks import Mark
from autograder.options import GradingError
from course.config import Standards

FILE = "points.json"
WEEK = 100


def scale(weights: Mapping[str, int], total: float) -> dict[str, float]:
    """The points of each name: shares of `total` in hundredths that add up to it exactly."""
    whole, hundredths = sum(weights.values()), round(total * 100)
    shares = {name: divmod(weight * hundredths, whole) for name, weight in weights.items()}
    left = hundredths - sum(down for down, _ in shares.values())
    first = set(sorted(shares, key=lambda name: (-shares[name][1], name))[:left])
    return {name: (down + (name in first)) / 100 for name, (down, _) in shares.items()}


def of_week(marks: Mapping[str, Mark], standards: Standards) -> dict[str, float]:
    """The points of all checks of a week, those of its notebook included, by check id."""
    result: dict[str, float] = {}
    for total, of_notebook in ((WEEK, False), (standards.notebook_points, True)):
        part = {name: mark for name, mark in marks.items() if mark.of_notebook is of_notebook}
        result |= scale({name: mark.weight for name, mark in part.items()}, total)
    return result


def released(folder: Path) -> dict[str, float]:
    """The points that were released with a week's checks, by check id.

    Raises:
        GradingError: they are missing or damaged.
    """
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, float])
    except (OSError, msgspec.DecodeError):
        raise GradingError(
            f"{path} is missing or damaged: it says what checks are worth. "
            "Bring it back with `git checkout`"
        ) from None


def dump(points: Mapping[str, float]) -> bytes:
    """The content of a points.json."""
    return msgspec.json.format(msgspec.json.encode(dict(sorted(points.items()))), indent=2) + b"\n"
