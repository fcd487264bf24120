"""Principal components by the singular value decomposition."""

from __future__ import annotations

import numpy as np


class PCA:
    """The directions of largest variance."""

    def __init__(self, n_components: int) -> None:
        """n_components: how many directions are kept."""
        self.n_components = n_components

    def fit(self, x: np.ndarray) -> None:
        """Find them: `mean` (D,), `components` (n_components, D), `variances` (n_components,).

        Args:
            x: shape (N, D).
        """
        ### BEGIN SOLUTION center, decompose, turn each component so that its largest entry is > 0
        self.mean = x.mean(axis=0)
        _, singular, rows = np.linalg.svd(x - self.mean, full_matrices=False)
        rows = rows[: self.n_components]
        largest = np.abs(rows).argmax(axis=1)
        signs = np.sign(rows[np.arange(len(rows)), largest])
        self.components = rows * signs[:, np.newaxis]
        self.variances = singular[: self.n_components] ** 2 / (len(x) - 1)
        ### END SOLUTION

    def transform(self, x: np.ndarray) -> np.ndarray:
        """The coordinates of points along the components: (N, D) to (N, n_components)."""
        ### BEGIN SOLUTION take off the mean, project
        return (x - self.mean) @ self.components.T
        ### END SOLUTION
