"""Lloyd's algorithm, point by point."""

import math

import numpy as np


def kmeans(x, centers, steps):
    """After so many steps: centers (K, D), labels (N,); and before each the inertia (steps,)."""
    centers, inertia = [list(c) for c in centers], []
    for _ in range(steps):
        labels = [nearest(p, centers) for p in x]
        inertia.append(sum(math.dist(p, centers[k]) ** 2 for p, k in zip(x, labels, strict=True)))
        for k in set(labels):
            points = [p for p, label in zip(x, labels, strict=True) if label == k]
            centers[k] = [math.fsum(values) / len(points) for values in zip(*points, strict=True)]
    labels = [nearest(p, centers) for p in x]
    return {"centers": np.array(centers), "labels": np.array(labels), "inertia": np.array(inertia)}


def nearest(point, centers):
    return min(range(len(centers)), key=lambda k: math.dist(point, centers[k]))
