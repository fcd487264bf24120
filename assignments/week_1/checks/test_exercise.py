"""The notebook of week 1: NumPy beside torch, on digits."""

import numpy as np
import pytest

LAYERS = ["ReLU", "Sigmoid", "Tanh", "Softmax", "Linear"]


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_float32_errors(notebook, student, parity, rng):
    """Rounding errors in float32"""
    errors = parity.array("numpy_errors", notebook.read("numpy_errors"), (len(LAYERS),))
    inside = ((errors >= 0) & (errors < 1e-5)).all()
    parity.holds("numpy_errors", inside, "an error in float32 is between 0 and 1e-5")
    # On other numbers, too: those above could be typed in.
    x, grad_out = rng.standard_normal((2, 16, 64))
    x32, grad32 = x.astype(np.float32), grad_out.astype(np.float32)
    y = np.tanh(x32)
    results = notebook.call("run", student.activations.Tanh(), x32, grad32)
    both = parity.parts("what run returns", results, 2)
    parity("run(Tanh(), x, grad_out): the output", both[0], y)
    parity("run(Tanh(), x, grad_out): the gradient", both[1], grad32 * (1 - y**2))
    error = np.abs(x32 - x).max() / np.abs(x).max()
    parity.number("error of rounding to float32", notebook.call("relative_error", x32, x), error)
