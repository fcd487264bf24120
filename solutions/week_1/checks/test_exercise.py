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
    x, grad_out = rng.standard_normal((2, 16, 64)).astype(np.float32)
    y = np.tanh(x)
    results = notebook.call("run", student.activations.Tanh(), x, grad_out)
    both = parity.parts("what run returns", results, 2)
    parity("run(Tanh(), x, grad_out): the output", both[0], y)
    parity("run(Tanh(), x, grad_out): the gradient", both[1], grad_out * (1 - y**2))


### BEGIN HIDDEN TESTS
def inputs(digits):
    """What the notebook's cell `data` makes."""
    x = digits[0][:128].reshape(128, 64)
    x = (x - x.mean()) / x.std()
    rng = np.random.default_rng(1)
    parameters = {"weight": rng.standard_normal((64, 64)) / 8, "bias": rng.standard_normal(64)}
    return x, parameters, rng.standard_normal(x.shape)


def expected(oracle, digits):
    """Torch's output and gradient for every layer, by name."""
    x, parameters, grad_out = inputs(digits)
    args = {"Softmax": [-1], "Linear": [64, 64]}
    return {
        name: oracle.layer(
            name, args.get(name, []), {}, parameters if name == "Linear" else {}, [x], grad_out
        )
        for name in LAYERS
    }


@pytest.mark.check(weight=5)
def test_outputs(notebook, oracle, parity, digits):
    """Outputs of the five layers"""
    outputs = notebook.read("outputs")
    for name, torch in expected(oracle, digits).items():
        parity(f"outputs[{name!r}]", parity.item(outputs, name), torch.output)


@pytest.mark.check(weight=5)
def test_gradients(notebook, oracle, parity, digits):
    """Gradients of the five layers"""
    gradients = notebook.read("gradients")
    for name, torch in expected(oracle, digits).items():
        parity(f"gradients[{name!r}]", parity.item(gradients, name), torch.grad_input)


@pytest.mark.check(weight=5)
def test_relative_error(notebook, parity, rng):
    """The relative error of two arrays"""
    for shape in ((40,), (3, 5, 2)):
        ours, theirs = rng.standard_normal(shape), 10 * rng.standard_normal(shape)
        wanted = np.abs(ours - theirs).max() / np.abs(theirs).max()
        parity(f"error of shape {shape}", notebook.call("relative_error", ours, theirs), wanted)


### END HIDDEN TESTS
