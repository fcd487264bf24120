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


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=5)
def test_weights(notebook, oracle, parity, digits, data, rng):
    """Attention weights of the digits"""
    queries, _, keys, key_labels = vectors(digits, data)
    expected = oracle.attention(queries, keys, np.eye(10)[key_labels])
    parity("weights", notebook.read("weights"), expected.weights)
    parity("probabilities", notebook.read("probabilities"), expected.output)
    query, key = 3 * rng.standard_normal((2, 12, 64))
    labels = rng.permutation(12) % 10
    expected = oracle.attention(query, key, np.eye(10)[labels])
    answer = notebook.call("classify", query, key, labels)
    output, weights = parity.parts("what classify returns", answer, 2)
    parity("probabilities of other vectors", output, expected.output)
    parity("weights of other vectors", weights, expected.weights)


@pytest.mark.check(weight=4)
def test_masked_weights(notebook, oracle, parity, digits, data, rng):
    """Attention weights with a mask on the labels"""
    queries, _, keys, key_labels = vectors(digits, data)
    mask = (key_labels % 2 == 1)[np.newaxis]
    expected = oracle.attention(queries, keys, np.eye(10)[key_labels], mask)
    parity("masked_weights", notebook.read("masked_weights"), expected.weights)
    labels = rng.integers(0, 10, 40)
    wanted = ((labels == 2) | (labels == 7))[np.newaxis]
    parity("a mask of the labels 2 and 7", notebook.call("allow_labels", labels, [7, 2]), wanted)


@pytest.mark.check(weight=3)
def test_causal_mask(notebook, parity):
    """The causal mask"""
    for length in (2, 7):
        wanted = np.arange(length) <= np.arange(length)[:, np.newaxis]
        parity(f"causal mask of {length}", notebook.call("causal_mask", length), wanted)


@pytest.mark.check(weight=4)
def test_padding_mask(notebook, parity):
    """The padding mask"""
    for lengths, length in (([5, 2, 1], 6), ([4, 3], 4)):
        wanted = np.arange(length) < np.array(lengths)[:, np.newaxis, np.newaxis]
        got = notebook.call("padding_mask", lengths, length)
        parity(f"padding mask of {lengths}", got, wanted)


### END HIDDEN TESTS
