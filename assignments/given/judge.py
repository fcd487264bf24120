"""How good are generated digits? Judged by a network that reads real ones.

    judge = Judge(images, labels)        learns to read them, in a fraction of a second
    report = judge.report(samples, held_out)

One number alone is easily deceived: noise can be read with confidence, stored images have the right
distribution. So several are measured, and the worst counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from given.module import Array

HIDDEN, FEATURES, CLASSES = 64, 32, 10
EPOCHS, BATCH, RATE = 30, 64, 0.003


@dataclass(frozen=True)
class Report:
    """What was measured on a set of samples.

    Attributes:
        feature_distance: Fréchet distance to real digits in the features of the network.
        pixel_distance: the same in pixels.
        confidence: mean probability of the class that the network sees.
        shares: of the samples, that of each class, shape (10,).
        novelty: median distance to the nearest real digit that was learned from, over that of
            held-out digits: about 1 for new digits, 0 for copies.
    """

    feature_distance: float
    pixel_distance: float
    confidence: float
    shares: Array
    novelty: float

    @property
    def classes(self) -> int:
        """How many classes are at least 2 % of the samples."""
        return int((self.shares >= 0.02).sum())


class Judge:
    """A network of three layers that has learned to read digits, and the digits.

    Args:
        images: shape (N, D), real digits that a generator may learn from.
        labels: integers 0 … 9, shape (N,).
    """

    def __init__(self, images: Array, labels: Array) -> None:
        self.images = images.astype(np.float64)
        rng = np.random.default_rng(9)
        sizes = (images.shape[1], HIDDEN, FEATURES, CLASSES)
        self.weights = [rng.standard_normal((n, m)) * np.sqrt(2 / n) for n, m in pairwise(sizes)]
        self.biases = [np.zeros(m) for m in sizes[1:]]
        self.learn(np.eye(CLASSES)[labels], rng)

    def learn(self, targets: Array, rng: np.random.Generator) -> None:
        """Cross-entropy, by Adam: steps from the running means of gradients and their squares."""
        parameters = [*self.weights, *self.biases]
        means, squares = ([np.zeros_like(p) for p in parameters] for _ in range(2))
        turn = 0
        for _ in range(EPOCHS):
            order = rng.permutation(len(targets))
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                turn += 1
                for p, m, s, g in zip(
                    parameters, means, squares, self.gradients(rows, targets), strict=True
                ):
                    m += 0.1 * (g - m)
                    s += 0.001 * (g * g - s)
                    p -= RATE * m / (1 - 0.9**turn) / (np.sqrt(s / (1 - 0.999**turn)) + 1e-8)

    def gradients(self, rows: Array, targets: Array) -> list[Array]:
        """Those of all weights, then of all biases, for these rows."""
        inputs = self.activations(self.images[rows])
        grad = (probabilities(inputs.pop()) - targets[rows]) / len(rows)
        grads_w: list[Array] = []
        grads_b: list[Array] = []
        for x, weight in zip(reversed(inputs), reversed(self.weights), strict=True):
            grads_w.insert(0, x.T @ grad)
            grads_b.insert(0, grad.sum(axis=0))
            grad = (grad @ weight.T) * (x > 0)
        return [*grads_w, *grads_b]

    def activations(self, images: Array) -> list[Array]:
        """The images, the two hidden layers, the logits."""
        *hidden, last = zip(self.weights, self.biases, strict=True)
        values = [images]
        for weight, bias in hidden:
            values.append(np.maximum(values[-1] @ weight + bias, 0))
        return [*values, values[-1] @ last[0] + last[1]]

    def read(self, images: Array) -> tuple[Array, Array]:
        """The features (N, 32) and the probabilities of the classes (N, 10)."""
        *_, features, logits = self.activations(images.astype(np.float64))
        return features, probabilities(logits)

    def report(self, samples: Array, held_out: Array) -> Report:
        """Measure samples (M, D) with finite values against the real digits.

        Args:
            held_out: other real digits (K, D), whose distance to the nearest one is usual.
        """
        features, read = self.read(samples)
        near = np.median(nearest(samples, self.images))
        return Report(
            frechet(features, self.read(self.images)[0]),
            frechet(samples, self.images),
            float(read.max(axis=1).mean()),
            np.bincount(read.argmax(axis=1), minlength=CLASSES) / len(samples),
            float(near / np.median(nearest(held_out, self.images))),
        )


def probabilities(logits: Array) -> Array:
    """The softmax of each row."""
    exp = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Array = exp / exp.sum(axis=1, keepdims=True)
    return result


def frechet(a: Array, b: Array) -> float:
    """Fréchet distance between two normal distributions with the moments of a and of b.

    Args:
        a, b: shapes (N, F) and (M, F).
    Math: |μ - ν|² + tr(A + B - 2 √(√A B √A)), with the means μ, ν and the covariances A, B.
    """
    cov_a, cov_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(cov_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cov_b @ root), 0)).sum()
    means = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    return float(means + np.trace(cov_a) + np.trace(cov_b) - 2 * cross)


def nearest(a: Array, b: Array) -> Array:
    """The distance of each row of a (N, D) to the nearest row of b (M, D); shape (N,)."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    distances: Array = np.sqrt(np.maximum(squares.min(axis=1), 0))
    return distances
