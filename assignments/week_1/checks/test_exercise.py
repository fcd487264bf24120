"""The notebook of week 1: NumPy beside torch, on digits."""

import numpy as np
import pytest

LAYERS = ["ReLU", "Sigmoid", "Tanh", "Softmax", "Linear"]


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_float32_errors(notebook, parity):
    """Rounding errors in float32"""
    errors = np.asarray(notebook.read("numpy_errors"))
    parity.equal("shape of numpy_errors", list(errors.shape), [len(LAYERS)])
    inside = errors.dtype.kind == "f" and bool(((errors >= 0) & (errors < 1e-5)).all())
    parity.holds("numpy_errors", inside, "an error in float32 is between 0 and 1e-5")
