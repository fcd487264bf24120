"""Squared distances, one pair of points after another."""

import math

import numpy as np


def distances(x, centers):
    """squared: shape (N, K)."""
    return {"squared": np.array([[math.dist(p, c) ** 2 for c in centers] for p in x])}
