"""Draws small whole numbers where a generator would draw any: a case that can be worked by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Size = int | tuple[int, ...]
LARGEST = 4.0  # of an entry: with more entries than whole numbers up to it come halves, quarters


class WholeNumbers:
    """In place of a numpy.random.Generator. What it doesn't draw itself, a generator draws."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.generator, name)

    def standard_normal(self, size: Size = ()) -> Any:
        """Numbers of both signs, all different and none of them 0: no ties, nothing vanishes."""
        count = math.prod((size,) if isinstance(size, int) else size)
        most = max(2, (count + 1) // 2)
        step = 2.0 ** min(0, math.floor(math.log2(LARGEST / most)))
        values = step * np.concatenate([-np.arange(most, 0, -1), np.arange(1, most + 1)])
        drawn = self.generator.permutation(values)[:count].reshape(size)
        return drawn if drawn.ndim else drawn[()]

    def normal(self, loc: float = 0.0, scale: float = 1.0, size: Size = ()) -> Any:
        return loc + scale * self.standard_normal(size)

    def uniform(self, low: float = 0.0, high: float = 1.0, size: Size = ()) -> Any:
        """Tenths of the way from `low` to `high`, neither of them included."""
        return low + (high - low) * self.generator.integers(1, 10, size) / 10
