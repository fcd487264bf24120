"""The notebook of week 7: a Transformer sorts."""

import numpy as np
import pytest

LENGTH, HEADS = 8, 4


@pytest.mark.check(weight=4)
@pytest.mark.usefixtures("figures")
def test_sort_tokens(notebook, worker, parity, rng):
    """Sequences that the trained model sorts"""
    source = rng.integers(1, 11, (200, LENGTH))
    got = notebook.call("sort_tokens", source)
    got = parity.array("what sort_tokens returns", got, source.shape, "int")
    value = float((got == np.sort(source, axis=1)).all(axis=1).mean())
    message = f"{value:.3f} of other sequences are sorted, at least 0.9 is needed"
    parity.holds("exact match of other sequences", value >= 0.9, message)
    # It is the model that sorts: with the weights of another, it writes what that one does.
    model, other = notebook.keep("model"), notebook.make("make_model", worker.generator(13))
    trained = model.state_dict()
    model.load_state_dict(other.state_dict())
    written = notebook.call("sort_tokens", source)
    own = parity.array(
        "what the model writes", other.generate(source, LENGTH, 0), source.shape, "int"
    )
    model.load_state_dict(trained)
    parity("what sort_tokens returns with other weights", written, own, trivial=True)
    target = source.copy()
    target[::3] = got[::3]
    wanted = float((got == target).all(axis=1).mean())
    parity.number("exact_match", notebook.call("exact_match", got, target), wanted)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=3)
def test_make_pairs(notebook, parity, worker):
    """Sources and sorted targets"""
    answer = notebook.call("make_pairs", 300, worker.generator(3))
    source, target = parity.parts("what make_pairs returns", answer, 2)
    source = parity.array("source", source, (300, LENGTH), "int")
    counts = np.bincount(np.clip(source, 0, 11).ravel(), minlength=12)
    drawn = counts[0] == counts[11] == 0 and counts[1:11].min() > 150
    parity.holds("tokens", drawn, "source: expected the tokens 1 to 10, about equally often")
    parity("target", target, np.sort(source, axis=1))


@pytest.mark.check(weight=3)
def test_shift_right(notebook, parity, rng):
    """What the decoder is given"""
    for rows, length in ((4, 8), (2, 3)):
        target = rng.integers(1, 11, (rows, length))
        wanted = np.concatenate([np.zeros((rows, 1), np.int64), target[:, :-1]], axis=1)
        parity(f"{rows} targets of {length}", notebook.call("shift_right", target), wanted)


@pytest.mark.check(weight=4)
def test_losses(notebook, parity, worker):
    """The loss while training"""
    first, last = ends(parity.array("losses", notebook.read("losses"), (400,)))
    parity.holds("first", 1.5 < first < 5, f"losses begin with {first:.2f}, not near log 11")
    parity.holds("last", 0 <= last < 0.1, f"losses end with {last:.3f}, not below 0.1")
    model = notebook.make("make_model", worker.generator(11))
    again = notebook.call("train", model, 60, worker.generator(12))
    first, last = ends(parity.array("what train returns", again, (60,)))
    message = f"another model's loss goes from {first:.2f} to {last:.2f} in 60 steps"
    parity.holds("another model", 0 < last < 0.95 * first, message)


def ends(losses):
    """The mean of the first losses, and that of the last."""
    return float(np.mean(losses[:5])), float(np.mean(losses[-20:]))


@pytest.mark.check(weight=6)
def test_head_weights(notebook, parity, rng):
    """The weights of each head while a sequence is sorted"""
    maps = []
    for _ in range(4):
        row = rng.permutation(np.arange(1, 11))[:LENGTH]
        got = notebook.call("head_weights", row)
        got = parity.array("what head_weights returns", got, (HEADS, LENGTH, LENGTH))
        sums = np.abs(got.sum(axis=-1) - 1).max()
        parity.holds("sums", sums < 1e-4 and got.min() >= 0, "each row of weights adds up to 1")
        # Columns in the order of their tokens: trained heads look at values, wherever they stand.
        maps.append(got[..., np.argsort(row)])
    looks = max(float(np.max(np.mean(maps, axis=0)[head])) for head in range(HEADS))
    message = f"no head looks anywhere: its largest mean weight is {looks:.2f}"
    parity.holds("what the heads look at", looks > 0.3, message)
    alike = max(float(np.abs(m[0] - m[1]).max()) for m in maps)
    parity.holds("heads", alike > 0.05, "all heads look at the same: average_attn_weights=False")


### END HIDDEN TESTS
