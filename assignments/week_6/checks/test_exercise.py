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
def test_probabilities(notebook, parity, digits, data, rng):
    """Digits read by attention"""
    queries, labels, keys, key_labels = vectors(digits, data)
    got = parity.array("probabilities", notebook.read("probabilities"), (len(labels), 10))
    value = float((got.argmax(axis=1) == labels).mean())
    message = f"{value:.3f} of the digits are read correctly, at least 0.9 is needed"
    parity.holds("accuracy of probabilities", value >= 0.9, message)
    # The same digits, turned in space and with other names: numbers could be typed in.
    turn, names = np.linalg.qr(rng.standard_normal((64, 64)))[0], rng.permutation(10)
    answer = notebook.call("classify", queries @ turn, keys @ turn, names[key_labels])
    first, _ = parity.parts("what classify returns", answer, 2)
    got = parity.array("what classify returns first", first, (len(labels), 10))
    value = float((got.argmax(axis=1) == names[labels]).mean())
    message = f"{value:.3f} of other vectors are read correctly, at least 0.9 is needed"
    parity.holds("accuracy of classify", value >= 0.9, message)
