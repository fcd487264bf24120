"""The notebook of week 10: BERT guesses hidden words of a book."""

import numpy as np
import pytest

LENGTH, LEAST = 12, 150  # the least number of tokens of the book


def size_of(notebook, parity):
    """The number of tokens in the notebook's vocabulary, with the mask."""
    table = notebook.keep("model").embeddings.token.weight
    return int(parity.array("rows of the table", table.read("data.shape"), (2,), "int")[0])


def patterns(rng, rows):
    """Rows that a model learns at once: every token follows the one before it."""
    return 2 + (rng.integers(20, size=(rows, 1)) + np.arange(LENGTH)) % 20


def hidden_in(rng, rows):
    """Where ordinary tokens are hidden: about a seventh of them."""
    return (rng.random(rows.shape) < 0.15) & (rows > 1)


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_masked_accuracy(notebook, parity, rng):
    """Hidden words that the trained model guesses"""
    rows = parity.array("test_rows", notebook.read("test_rows"), (200, LENGTH), "int")
    mask, model = size_of(notebook, parity) - 1, notebook.keep("model")
    ordinary = rows[rows > 1]
    varied = mask > LEAST and len(ordinary) > 1000 and len(np.unique(ordinary)) > 100
    parity.holds("test_rows", varied, "test_rows aren't rows of the book")
    hidden = hidden_in(rng, rows)
    logits = model.forward(np.where(hidden, mask, rows))
    logits = parity.array("logits of the model", logits, (*rows.shape, mask + 1))
    right = (logits.argmax(axis=-1) == rows)[hidden]
    commonest = (rows[hidden] == np.bincount(ordinary).argmax()).mean()
    message = f"{right.mean():.3f} of hidden words are guessed, the commonest is {commonest:.3f}"
    parity.holds("more than the commonest word", right.mean() > max(0.2, 1.5 * commonest), message)
    got = notebook.call("masked_accuracy", model, rows, hidden)
    parity.number("masked_accuracy", got, float(right.mean()))
