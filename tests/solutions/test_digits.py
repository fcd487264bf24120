"""What accuracy checks train on and judge by: digits that nobody can know by heart."""

from __future__ import annotations

import numpy as np
from fixtures import disguised
from given.data import digits


def looked_up(images: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The index of the stored image that is nearest to each, however all of them are turned."""
    best = np.full(len(images), np.inf)
    found = np.zeros(len(images), dtype=int)
    for times in range(4):
        for side in (1, -1):
            turned = np.rot90(known[..., ::side], times, axes=(-2, -1)).reshape(len(known), -1)
            flat = images.reshape(len(images), -1)
            squared = (flat**2).sum(1)[:, None] - 2 * flat @ turned.T + (turned**2).sum(1)
            nearer = squared.min(axis=1) < best
            found[nearer] = squared.argmin(axis=1)[nearer]
            best = np.minimum(best, squared.min(axis=1))
    return found


def test_no_image_is_one_of_the_stored_ones() -> None:
    images, labels = digits()
    shown, _ = disguised(images, labels, np.random.default_rng(0))
    assert images.shape == shown.shape
    assert 0 <= shown.min() < shown.max() <= 1
    stored = {image.tobytes() for image in images}
    assert not any(np.ascontiguousarray(image).tobytes() in stored for image in shown)


def test_a_table_of_the_stored_labels_is_no_better_than_guessing() -> None:
    images, labels = digits()
    right = []
    for seed in range(20):
        shown, named = disguised(images, labels, np.random.default_rng(seed))
        right.append((labels[looked_up(shown[:100], images)] == named[:100]).mean())
    assert np.mean(right) < 0.2


def test_images_of_a_digit_keep_one_name() -> None:
    images, labels = digits()
    _, named = disguised(images, labels, np.random.default_rng(1))
    assert 10 == len(set(zip(labels.tolist(), named.tolist(), strict=True)))
