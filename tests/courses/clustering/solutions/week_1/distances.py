"""Distances between points."""

from __future__ import annotations

import numpy as np


def squared_distances(x: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """The squared distance of every point to every center.

    Args:
        x: shape (N, D).
        centers: shape (K, D).
    Returns:
        Shape (N, K).
    """
    ### BEGIN SOLUTION subtract every center from every point, square, add up the coordinates
    differences = x[:, np.newaxis, :] - centers[np.newaxis, :, :]
    return (differences**2).sum(axis=-1)
    ### END SOLUTION
