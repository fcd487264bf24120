"""k-means by Lloyd's algorithm."""

from __future__ import annotations

import numpy as np
from week_1.distances import squared_distances


class KMeans:
    """K centers, each at the mean of the points that are nearer to it than to any other."""

    def __init__(self, centers: np.ndarray) -> None:
        """centers: where they start, shape (K, D)."""
        self.centers = np.array(centers)

    def assign(self, x: np.ndarray) -> np.ndarray:
        """The index of each point's nearest center: (N, D) to (N,)."""
        ### BEGIN SOLUTION take the index of the smallest squared distance
        return squared_distances(x, self.centers).argmin(axis=1)
        ### END SOLUTION

    def step(self, x: np.ndarray) -> float:
        """Move every center to the mean of its points; one that has none stays.

        Returns:
            The inertia before the move.
        """
        ### BEGIN SOLUTION find each point's center, move the centers, return the sum of distances
        squared = squared_distances(x, self.centers)
        labels = squared.argmin(axis=1)
        for k in range(len(self.centers)):
            members = x[labels == k]
            if len(members) > 0:
                self.centers[k] = members.mean(axis=0)
        return float(squared.min(axis=1).sum())
        ### END SOLUTION

    def fit(self, x: np.ndarray, steps: int) -> list[float]:
        """Take so many steps; the inertia before each."""
        ### BEGIN SOLUTION collect what each step returns
        return [self.step(x) for _ in range(steps)]
        ### END SOLUTION
