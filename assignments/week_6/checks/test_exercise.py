"""The notebook of week 6: digits look at digits."""

import numpy as np
import pytest


def vectors(digits, data):
    """What the notebook's cell `data` makes: queries, keys and their labels."""
    images, labels = digits
    rows = images.reshape(-1, 64)
    rows = rows - rows.mean(axis=0)
    rows = 12 * rows / np.linalg.norm(rows, axis=1, keepdims=True)
    (keys, key_labels), (queries, query_labels) = data.train_test_split(
        rows[:600], labels[:600], rng=np.random.default_rng(6), test_fraction=0.2
    )
    order, query_order = np.argsort(key_labels), np.argsort(query_labels)
    return queries[query_order], query_labels[query_order], keys[order], key_labels[order]


@pytest.mark.check(weight=4)
@pytest.mark.usefixtures("figures")
def test_probabilities(notebook, parity, digits, data):
    """Digits read by attention"""
    labels, got = vectors(digits, data)[1], notebook.read("probabilities")
    if parity.floats("probabilities", got, (len(labels), 10)):
        value = float((got.argmax(axis=1) == labels).mean())
        message = f"{value:.3f} of the digits are read correctly, at least 0.9 is needed"
        parity.holds("accuracy of probabilities", value >= 0.9, message)
