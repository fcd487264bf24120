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


### BEGIN HIDDEN TESTS
def inputs(images, rng):
    """What the notebook's cell `data` makes of images."""
    x = (images - images.mean()) / images.std()
    parameters = {"weight": rng.standard_normal((64, 64)) / 8, "bias": rng.standard_normal(64)}
    return x, parameters, rng.standard_normal(x.shape)


def expected(oracle, name, x, parameters, grad_out):
    """Torch's output and gradient of a layer."""
    args = {"Softmax": [-1], "Linear": [64, 64]}.get(name, [])
    return oracle.layer(name, args, {}, parameters if name == "Linear" else {}, [x], grad_out)


@pytest.fixture
def run_anew(notebook, student, oracle, parity, rng):
    """What `run` gives on other numbers, for every layer, beside what torch gives."""

    def run(name):
        x, parameters, grad_out = inputs(rng.standard_normal((16, 64)), rng)
        if name == "Linear":
            layer = student.linear.Linear(64, 64)
            layer.load_state_dict(parameters)
        else:
            layer = getattr(student.activations, name)()
        results = notebook.call("run", layer, x, grad_out)
        both = parity.parts(f"what run returns for {name}", results, 2)
        return both, expected(oracle, name, x, parameters, grad_out)

    return run


@pytest.mark.check(weight=5)
def test_outputs(notebook, oracle, parity, digits, run_anew):
    """Outputs of the five layers"""
    outputs, images = notebook.read("outputs"), digits[0][:128].reshape(128, 64)
    for name in LAYERS:
        torch = expected(oracle, name, *inputs(images, np.random.default_rng(1)))
        parity(f"outputs[{name!r}]", parity.item(outputs, name), torch.output)
        results, torch = run_anew(name)
        parity(f"output of run on other numbers, {name}", results[0], torch.output)


@pytest.mark.check(weight=5)
def test_gradients(notebook, oracle, parity, digits, run_anew):
    """Gradients of the five layers"""
    gradients, images = notebook.read("gradients"), digits[0][:128].reshape(128, 64)
    for name in LAYERS:
        torch = expected(oracle, name, *inputs(images, np.random.default_rng(1)))
        parity(f"gradients[{name!r}]", parity.item(gradients, name), torch.grad_input)
        results, torch = run_anew(name)
        parity(f"gradient of run on other numbers, {name}", results[1], torch.grad_input)


@pytest.mark.check(weight=5)
def test_relative_error(notebook, parity, rng):
    """The relative error of two arrays"""
    for shape in ((40,), (3, 5, 2)):
        ours, theirs = rng.standard_normal(shape), 10 * rng.standard_normal(shape)
        wanted = np.abs(ours - theirs).max() / np.abs(theirs).max()
        error = notebook.call("relative_error", ours, theirs)
        parity.number(f"error of shape {shape}", error, wanted)


### END HIDDEN TESTS
