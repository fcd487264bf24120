"""The checks of week 1 as one would write them without a grader: in pytest, beside torch.

One process per submission, which SUBMISSION names: its code, the checks and torch share it. The
classes and what is checked of them are those of solutions/week_1/checks, the training left out.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

torch.set_num_threads(1)
sys.path.insert(0, str(Path(__file__).parent.parent / "solutions"))


def load(name):
    spec = importlib.util.spec_from_file_location(name, f"{os.environ['SUBMISSION']}/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


activations, losses, linear = load("activations"), load("losses"), load("linear")

CLASSES = {
    "relu": (activations.ReLU, torch.nn.ReLU),
    "sigmoid": (activations.Sigmoid, torch.nn.Sigmoid),
    "tanh": (activations.Tanh, torch.nn.Tanh),
    "softmax": (lambda: activations.Softmax(dim=-1), lambda: torch.nn.Softmax(dim=-1)),
    "cross_entropy": (losses.CrossEntropyLoss, torch.nn.CrossEntropyLoss),
    "bce": (losses.BCELoss, torch.nn.BCELoss),
    "linear": (
        lambda *more: linear.Linear(4, 3, *more),
        lambda *more: torch.nn.Linear(4, 3, *more),
    ),
}
LOSSES = ("cross_entropy", "bce")
QUIET = ("sigmoid", "tanh", "softmax", "bce")  # at extreme values, too
LARGE = {"relu": (200, 500), "softmax": (1000, 50), "cross_entropy": (2500, 20), "bce": (200, 250)}
# The inputs of each: x, and a target for a loss.
EXTREME = {
    "relu": [[[-1e300, -1e4, 0.0], [1e-4, 1e4, 1e300]]],
    "sigmoid": [[[-1e4, -800.0, -30.0], [0.5, 30.0, 1e4]]],
    "tanh": [[[-1e4, -800.0, -0.3], [0.5, 30.0, 1e4]]],
    "softmax": [[[1e4, -1e4, 0.0], [-1e4, -1e4 + 1, -1e4 + 2]]],
    "cross_entropy": [[[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [3.0, 1.0, 2.0]], [0, 1, 2]],
    "bce": [[[0.0, 1.0, 0.0], [1.0, 0.3, 1e-9]], [[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]],
    "linear": [[[1e4, -1e4, 1e-4, 1.0], [1e150, 0.5, -1e150, 1.0]]],
}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def make(name, *more, dtype=np.float64):
    """The class and torch's, with the same parameters, which are the same in every call."""
    ours, theirs = (side(*more) for side in CLASSES[name])
    rng = np.random.default_rng(2)
    for key, tensor in theirs.named_parameters():
        values = rng.standard_normal(tuple(tensor.shape)).astype(dtype)
        getattr(ours, key).data, getattr(ours, key).grad = values, np.zeros_like(values)
        tensor.data = torch.tensor(values)
    return ours, theirs


def draw(name, rng, shape, dtype=np.float64):
    """The inputs: x, and a target for a loss."""
    if name == "cross_entropy":
        return [rng.standard_normal(shape).astype(dtype), rng.integers(shape[1], size=shape[0])]
    if name == "bce":
        return [rng.uniform(0.05, 0.95, shape).astype(dtype) for _ in range(2)]
    return [rng.standard_normal(shape).astype(dtype)]


def equal(got, expected, rtol=1e-7):
    expected = np.asarray(expected)
    assert np.shape(got) == expected.shape
    assert np.asarray(got).dtype == expected.dtype
    scale = np.abs(expected[np.isfinite(expected)]).max()
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol * scale)


def forward(layer, inputs):
    """The output; a loss may be a Python float."""
    output = layer.forward(*inputs)
    return np.asarray(output, inputs[0].dtype) if len(inputs) == 2 else output


def by_torch(layer, inputs):
    """Output, gradient of the input, and the random gradient of the output that it is for."""
    leaf = torch.tensor(inputs[0], requires_grad=True)
    output = layer(leaf, *map(torch.tensor, inputs[1:]))
    grad_out = np.random.default_rng(1).standard_normal(tuple(output.shape))
    grad_out = np.asarray(grad_out, inputs[0].dtype)
    output.backward(torch.tensor(grad_out))
    return output.detach().numpy(), leaf.grad.numpy(), grad_out[()]


def both(ours, theirs, inputs, rtol=1e-7):
    output, grad, grad_out = by_torch(theirs, inputs)
    equal(forward(ours, inputs), output, rtol)
    equal(ours.backward(grad_out), grad, rtol)


def same_parameter_grads(ours, theirs, rtol=1e-7):
    for key, tensor in theirs.named_parameters():
        equal(getattr(ours, key).grad, tensor.grad.numpy(), rtol)


def unlike(shape):
    """Shapes that NumPy would broadcast or reshape to this one."""
    short = [(*shape[:axis], 1, *shape[axis + 1 :]) for axis in range(len(shape))]
    others = [*short, shape[::-1], (1, *shape)]
    return [other for other in dict.fromkeys(others) if other != shape]


def strided(array):
    if np.ndim(array) == 0:
        return array
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


@pytest.mark.parametrize("name", CLASSES)
class TestEveryClass:
    def test_forward(self, name, rng):
        ours, theirs = make(name)
        inputs = draw(name, rng, (5, 4))
        equal(forward(ours, inputs), theirs(*map(torch.tensor, inputs)).detach().numpy())

    def test_backward(self, name, rng):
        ours, theirs = make(name)
        inputs = draw(name, rng, (5, 4))
        _, grad, grad_out = by_torch(theirs, inputs)
        ours.forward(*inputs)
        equal(ours.backward(grad_out), grad)

    def test_stability(self, name):
        inputs = [np.array(values) for values in EXTREME[name]]
        both(*make(name), inputs)
        if name in QUIET:
            with np.errstate(divide="raise", over="raise", invalid="raise"):
                make(name)[0].forward(*inputs)

    def test_wrong_gradient(self, name, rng):
        (layer, theirs), inputs = make(name), draw(name, rng, (5, 4))
        for shape in unlike(np.shape(layer.forward(*inputs))):
            layer.forward(*inputs)
            with pytest.raises(ValueError, match=r"shape|broadcast|size|dim"):
                layer.backward(rng.standard_normal(shape))
        both(layer, theirs, inputs)

    def test_large_backward(self, name, rng):
        if name == "linear":
            ours, theirs = linear.Linear(200, 150), torch.nn.Linear(200, 150).double()
            for key, tensor in theirs.named_parameters():
                getattr(ours, key).data = tensor.detach().numpy().copy()
                getattr(ours, key).grad = np.zeros(tuple(tensor.shape))
            inputs = [rng.standard_normal((150, 200))]
        else:
            (ours, theirs), inputs = make(name), draw(name, rng, LARGE.get(name, (100, 500)))
        _, grad, grad_out = by_torch(theirs, inputs)
        ours.forward(*inputs)
        equal(ours.backward(grad_out), grad)
        same_parameter_grads(ours, theirs)

    def test_float32(self, name, rng):
        ours, theirs = make(name, dtype=np.float32)
        both(ours, theirs, draw(name, rng, (5, 4), np.float32), rtol=1e-4)
        same_parameter_grads(ours, theirs, rtol=1e-4)

    def test_unchanged_inputs(self, name, rng):
        layer, inputs = make(name)[0], draw(name, rng, (5, 4))
        before = [value.copy() for value in inputs]
        grad_out = np.asarray(rng.standard_normal(np.shape(layer.forward(*inputs))))
        grad_before = grad_out.copy()
        layer.backward(grad_out)
        equal(grad_out, grad_before)
        for value, kept in zip(inputs, before, strict=True):
            equal(value, kept)

    def test_batch_of_one(self, name, rng):
        both(*make(name), draw(name, rng, (1, 4)))

    def test_second_call(self, name, rng):
        (one, theirs), (two, _) = make(name), make(name)
        before = draw(name, rng, (5, 4))
        after = draw(name, rng, (3, 6) if name in LOSSES else (2, 3, 4))
        both(one, theirs, before)
        output, grad, grad_out = by_torch(theirs, after)
        equal(forward(one, after), output)
        two.forward(*before)
        equal(one.backward(grad_out), grad)
        _, grad, grad_out = by_torch(theirs, before)
        equal(two.backward(grad_out), grad)

    def test_non_contiguous(self, name, rng):
        ours, theirs = make(name)
        x, *target = draw(name, rng, (5, 4))
        output, grad, grad_out = by_torch(theirs, [x, *target])
        equal(forward(ours, [np.asfortranarray(x), *target]), output)
        equal(forward(ours, [strided(x), *target]), output)
        equal(ours.backward(strided(grad_out)), grad)


def test_softmax_dim(rng):
    inputs = draw("softmax", rng, (3, 5, 4))
    both(activations.Softmax(dim=1), torch.nn.Softmax(dim=1), inputs)
    both(activations.Softmax(dim=0), torch.nn.Softmax(dim=0), draw("softmax", rng, (5, 4)))
    both(activations.Softmax(), torch.nn.Softmax(dim=-1), inputs)


@pytest.mark.parametrize("name", LOSSES)
class TestLoss:
    def test_reduction_sum(self, name, rng):
        ours, theirs = (side(reduction="sum") for side in CLASSES[name])
        both(ours, theirs, draw(name, rng, (5, 4)))

    def test_wrong_shape(self, name, rng):
        x, target = draw(name, rng, (5, 4))
        with pytest.raises(ValueError, match="5"):
            CLASSES[name][0]().forward(x, target[:4])
        with pytest.raises(ValueError, match=r"shape|dim|expected"):
            CLASSES[name][0]().forward(x, target[:, None])

    def test_invalid_values(self, name, rng):
        (x, target), (ours, theirs) = draw(name, rng, (5, 4)), make(name)
        for wrong in (-1, 4, 1.5) if name == "bce" else (-1, 4, 0.5):
            targets = target.astype(np.float64)
            targets[-1] = wrong
            with pytest.raises(ValueError, match=r"."):
                ours.forward(x, targets)
        with pytest.raises(ValueError, match="median"):
            CLASSES[name][0](reduction="median")
        both(ours, theirs, [x, target])

    def test_second_backward(self, name, rng):
        (ours, theirs), inputs = make(name), draw(name, rng, (5, 4))
        _, grad, grad_out = by_torch(theirs, inputs)
        ours.forward(*inputs)
        equal(ours.backward(), grad / grad_out)
        equal(ours.backward(2 * grad_out), 2 * grad)


class TestLinear:
    def test_parameter_grads(self, rng):
        ours, theirs = make("linear")
        for _ in range(2):
            both(ours, theirs, draw("linear", rng, (5, 4)))
            same_parameter_grads(ours, theirs)

    def test_no_bias(self, rng):
        ours, theirs = make("linear", False)
        for _ in range(2):
            both(ours, theirs, draw("linear", rng, (5, 4)))
            same_parameter_grads(ours, theirs)

    def test_one_example(self, rng):
        both(*make("linear"), draw("linear", rng, (4,)))

    def test_wrong_shape(self, rng):
        ours, _ = make("linear")
        with pytest.raises(ValueError, match="3"):
            ours.forward(rng.standard_normal((5, 3)))
        ours.forward(rng.standard_normal((5, 4)))
        with pytest.raises(ValueError, match="1"):
            ours.backward(rng.standard_normal((5, 1)))

    def test_init(self):
        bound = 1 / np.sqrt(50)
        first, same, other = (
            linear.Linear(50, 40, rng=np.random.default_rng(seed)) for seed in (7, 7, 8)
        )
        fresh, fresher = linear.Linear(50, 40), linear.Linear(50, 40)
        for name, shape in (("weight", (40, 50)), ("bias", (40,))):
            values = getattr(first, name).data
            assert values.shape == shape
            assert values.dtype == np.float64
            assert np.abs(values).max() <= bound
            ranks = (np.arange(values.size) + 0.5) / values.size
            even = (np.sort(values, axis=None) / bound + 1) / 2
            assert np.abs(even - ranks).max() < np.sqrt(np.log(2e9) / (2 * values.size))
            equal(getattr(same, name).data, values)
            assert not (getattr(other, name).data == values).any()
            assert not (getattr(fresh, name).data == getattr(fresher, name).data).any()
