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


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=3)
def test_make_rows(notebook, parity, rng):
    """The book in rows"""
    for count, length in ((50, 7), (24, 12)):
        ids = rng.integers(2, 90, count)
        wanted = ids[: count // length * length].reshape(-1, length)
        parity(f"{count} ids in rows of {length}", notebook.call("make_rows", ids, length), wanted)


@pytest.mark.check(weight=4)
def test_losses(notebook, parity, worker, rng):
    """The loss while training"""
    losses = parity.array("losses", notebook.read("losses"), (900,))
    first, last = float(losses[0]), float(losses[-50:].mean())
    parity.holds("first", 4.5 < first < 8, f"losses begin with {first:.2f}, not above log 200")
    parity.holds("last", 1.5 < last < 3.6, f"losses end with {last:.3f}, not below 3.6")
    model = notebook.make("make_model", worker.generator(11))
    again = notebook.call("train", model, patterns(rng, 300), 100, worker.generator(12))
    again = parity.array("what train returns", again, (100,))
    first, last = float(again[:5].mean()), float(again[-20:].mean())
    message = f"another model's loss goes from {first:.2f} to {last:.2f} in 100 steps"
    parity.holds("another model", 0 < last < 0.8 * first, message)


@pytest.mark.check(weight=8)
def test_best_guesses(notebook, parity, worker, rng):
    """The most probable words at a gap"""
    rows = parity.array("test_rows", notebook.read("test_rows"), (200, LENGTH), "int")
    mask, model = size_of(notebook, parity) - 1, notebook.keep("model")
    trained, other = model.state_dict(), notebook.make("make_model", worker.generator(13))
    for label, state in (("", trained), (", with other weights", other.state_dict())):
        model.load_state_dict(state)
        for count in (1, 5):
            row, place = rows[int(rng.integers(200))].copy(), int(rng.integers(LENGTH))
            row[place] = mask
            logits = parity.array("logits", model.forward(row[np.newaxis]), (1, LENGTH, mask + 1))[
                0, place
            ]
            probabilities = np.exp(logits - logits.max())
            probabilities /= probabilities.sum()
            wanted = np.argsort(-probabilities)[:count]
            best, shares = parity.parts(
                "what best_guesses returns", notebook.call("best_guesses", row, count), 2
            )
            best = parity.array("best", best, (count,), "int")
            parity(f"best guesses{label}", best, wanted, trivial=True)
            shares = parity.array("probabilities", shares, (count,))
            close = np.allclose(shares, probabilities[wanted], rtol=1e-3, atol=1e-5)
            parity.holds("probabilities", close, f"the probabilities of the guesses{label} differ")
    model.load_state_dict(trained)


### END HIDDEN TESTS
