"""The notebook of week 7: a Transformer sorts."""

import numpy as np
import pytest

LENGTH, HEADS = 8, 4


@pytest.mark.check(weight=4)
@pytest.mark.usefixtures("figures")
def test_sort_tokens(notebook, parity, rng):
    """Sequences that the trained model sorts"""
    source = rng.integers(1, 11, (200, LENGTH))
    got = notebook.call("sort_tokens", source)
    right = isinstance(got, np.ndarray) and got.shape == source.shape and got.dtype.kind in "iu"
    found = f"expected whole numbers {source.shape}, got {parity.describe(got)}"
    parity.holds("what sort_tokens returns", right, found)
    if right:
        value = float((got == np.sort(source, axis=1)).all(axis=1).mean())
        message = f"{value:.3f} of other sequences are sorted, at least 0.9 is needed"
        parity.holds("exact match of other sequences", value >= 0.9, message)
        parity.equal("exact_match", *matches(notebook, got, source))


def matches(notebook, answers, target):
    """What exact_match says of these, and what it has to say."""
    target = target.copy()
    target[::3] = answers[::3]
    wanted = float((answers == target).all(axis=1).mean())
    return round(float_of(notebook.call("exact_match", answers, target)), 6), round(wanted, 6)


def float_of(value):
    """A number that came back, or one that is never right."""
    return float(value) if isinstance(value, (int, float)) else -1.0
