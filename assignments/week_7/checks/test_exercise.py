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
