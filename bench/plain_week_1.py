"""The checks of week 1 as one would write them without a grader: in pytest, beside torch.

One process per submission, which SUBMISSION names: its code, the checks and torch share it. The
classes and what is checked of them are those of autograder/checks/week_1, the training left out.
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

ACTIVATIONS = {
    "relu": (activations.ReLU, torch.nn.ReLU),
    "sigmoid": (activations.Sigmoid, torch.nn.Sigmoid),
    "tanh": (activations.Tanh, torch.nn.Tanh),
    "softmax": (lambda: activations.Softmax(dim=-1), lambda: torch.nn.Softmax(dim=-1)),
}
LOSSES = {
    "cross_entropy": (losses.CrossEntropyLoss, torch.nn.CrossEntropyLoss),
    "bce": (losses.BCELoss, torch.nn.BCELoss),
}
EXTREME = {
    "relu": [[-np.inf, -1e4, 0.0], [1e-4, 1e4, np.inf]],
    "sigmoid": [[-1e4, -800.0, -30.0], [0.5, 30.0, 1e4]],
    "tanh": [[-1e4, -800.0, -0.3], [0.5, 30.0, 1e4]],
    "softmax": [[1e4, -1e4, 0.0], [-1e4, -1e4 + 1, -1e4 + 2]],
}
CERTAIN = {
    "cross_entropy": ([[1e4, -1e4, 0.0], [-1e4, 0.0, 1e4], [3.0, 1.0, 2.0]], [0, 1, 2]),
    "bce": ([[0.0, 1.0, 0.0], [1.0, 0.3, 1e-9]], [[0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]),
}


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def equal(got, expected, rtol=1e-7):
    expected = np.asarray(expected)
    assert np.shape(got) == expected.shape
    assert np.asarray(got).dtype == expected.dtype
    scale = np.abs(expected[np.isfinite(expected)]).max()
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol * scale)


def by_torch(layer, x, grad_out=None, target=None):
    """Output and gradient of the input; with no `grad_out`, a random one is drawn from it."""
    leaf = torch.tensor(x, requires_grad=True)
    output = layer(leaf) if target is None else layer(leaf, torch.tensor(target))
    if grad_out is None:
        grad_out = np.random.default_rng(1).standard_normal(tuple(output.shape)).astype(x.dtype)
    output.backward(torch.tensor(grad_out))
    return output.detach().numpy(), leaf.grad.numpy(), grad_out


def both(ours, theirs, x, target=None, rtol=1e-7):
    output, grad, grad_out = by_torch(theirs, x, target=target)
    got = ours.forward(x) if target is None else ours.forward(x, target)
    equal(np.asarray(got, x.dtype) if target is not None else got, output, rtol)
    equal(ours.backward(grad_out if target is None else grad_out[()]), grad, rtol)


def strided(array):
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def draw(name, rng, shape):
    """The input of a loss, and its target."""
    if name == "bce":
        return rng.uniform(0.05, 0.95, shape), rng.uniform(0.05, 0.95, shape)
    return rng.standard_normal(shape), rng.integers(shape[1], size=shape[0])


# ---- activations ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
class TestActivation:
    def test_forward(self, name, rng):
        ours, theirs = ACTIVATIONS[name]
        x = rng.standard_normal((5, 4))
        equal(ours().forward(x), theirs()(torch.tensor(x)).numpy())

    def test_backward(self, name, rng):
        ours, theirs = ACTIVATIONS[name]
        x = rng.standard_normal((5, 4))
        _, grad, grad_out = by_torch(theirs(), x)
        layer = ours()
        layer.forward(x)
        equal(layer.backward(grad_out), grad)

    def test_stability(self, name):
        ours, theirs = ACTIVATIONS[name]
        both(ours(), theirs(), np.array(EXTREME[name]))

    def test_float32(self, name, rng):
        ours, theirs = ACTIVATIONS[name]
        both(ours(), theirs(), rng.standard_normal((5, 4)).astype(np.float32), rtol=1e-4)

    def test_unchanged_inputs(self, name, rng):
        layer, x = ACTIVATIONS[name][0](), rng.standard_normal((5, 4))
        before, grad_out = x.copy(), rng.standard_normal((5, 4))
        grad_before = grad_out.copy()
        layer.forward(x)
        equal(x, before)
        layer.backward(grad_out)
        equal(x, before)
        equal(grad_out, grad_before)

    def test_batch_of_one(self, name, rng):
        ours, theirs = ACTIVATIONS[name]
        both(ours(), theirs(), rng.standard_normal((1, 4)))

    def test_second_call(self, name, rng):
        ours, theirs = ACTIVATIONS[name]
        one, two = ours(), ours()
        before, after = rng.standard_normal((5, 4)), rng.standard_normal((2, 3, 4))
        both(one, theirs(), before)
        output, grad, grad_out = by_torch(theirs(), after)
        equal(one.forward(after), output)
        two.forward(before)
        equal(one.backward(grad_out), grad)
        _, grad, grad_out = by_torch(theirs(), before)
        equal(two.backward(grad_out), grad)

    def test_non_contiguous(self, name, rng):
        ours, theirs = ACTIVATIONS[name]
        layer, x = ours(), rng.standard_normal((5, 4))
        output, grad, grad_out = by_torch(theirs(), x)
        equal(layer.forward(np.asfortranarray(x)), output)
        equal(layer.forward(strided(x)), output)
        equal(layer.backward(strided(grad_out)), grad)


def test_softmax_dim(rng):
    x = rng.standard_normal((3, 5, 4))
    both(activations.Softmax(dim=1), torch.nn.Softmax(dim=1), x)


# ---- losses --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LOSSES)
class TestLoss:
    def test_forward(self, name, rng):
        ours, theirs = LOSSES[name]
        x, target = draw(name, rng, (5, 4))
        expected = theirs()(torch.tensor(x), torch.tensor(target))
        equal(np.float64(ours().forward(x, target)), expected.numpy())

    def test_backward(self, name, rng):
        ours, theirs = LOSSES[name]
        x, target = draw(name, rng, (5, 4))
        _, grad, grad_out = by_torch(theirs(), x, target=target)
        loss = ours()
        loss.forward(x, target)
        equal(loss.backward(float(grad_out)), grad)

    def test_stability(self, name):
        ours, theirs = LOSSES[name]
        x, target = map(np.array, CERTAIN[name])
        both(ours(), theirs(), x, target)

    def test_reduction_sum(self, name, rng):
        ours, theirs = LOSSES[name]
        both(ours(reduction="sum"), theirs(reduction="sum"), *draw(name, rng, (5, 4)))

    def test_wrong_shape(self, name, rng):
        loss = LOSSES[name][0]()
        x, target = draw(name, rng, (5, 4))
        with pytest.raises(ValueError, match="5"):
            loss.forward(x, target[:4])

    def test_float32(self, name, rng):
        ours, theirs = LOSSES[name]
        x, target = draw(name, rng, (5, 4))
        target = target.astype(np.float32) if name == "bce" else target
        both(ours(), theirs(), x.astype(np.float32), target, rtol=1e-4)

    def test_unchanged_inputs(self, name, rng):
        loss = LOSSES[name][0]()
        x, target = draw(name, rng, (5, 4))
        before = x.copy()
        loss.forward(x, target)
        equal(x, before)
        loss.backward(0.7)
        equal(x, before)

    def test_batch_of_one(self, name, rng):
        ours, theirs = LOSSES[name]
        both(ours(), theirs(), *draw(name, rng, (1, 4)))

    def test_second_call(self, name, rng):
        ours, theirs = LOSSES[name]
        one, two = ours(), ours()
        before, after = draw(name, rng, (5, 4)), draw(name, rng, (3, 6))
        both(one, theirs(), *before)
        output, grad, grad_out = by_torch(theirs(), after[0], target=after[1])
        equal(np.float64(one.forward(*after)), output)
        two.forward(*before)
        equal(one.backward(float(grad_out)), grad)
        _, grad, grad_out = by_torch(theirs(), before[0], target=before[1])
        equal(two.backward(float(grad_out)), grad)

    def test_non_contiguous(self, name, rng):
        ours, theirs = LOSSES[name]
        loss, (x, target) = ours(), draw(name, rng, (5, 4))
        output, grad, grad_out = by_torch(theirs(), x, target=target)
        equal(np.float64(loss.forward(np.asfortranarray(x), target)), output)
        equal(np.float64(loss.forward(strided(x), target)), output)
        equal(loss.backward(float(grad_out)), grad)


# ---- linear --------------------------------------------------------------------------------


def pair(rng, bias=True, dtype=np.float64):
    """The layer and torch's, with the same parameters."""
    ours, theirs = linear.Linear(3, 4, bias), torch.nn.Linear(3, 4, bias)
    for name in ("weight", "bias") if bias else ("weight",):
        values = rng.standard_normal(tuple(getattr(theirs, name).shape)).astype(dtype)
        getattr(ours, name).data, getattr(ours, name).grad = values, np.zeros_like(values)
        getattr(theirs, name).data = torch.tensor(values)
    return ours, theirs


class TestLinear:
    def test_forward(self, rng):
        ours, theirs = pair(rng)
        x = rng.standard_normal((5, 3))
        equal(ours.forward(x), theirs(torch.tensor(x)).detach().numpy())

    def test_backward(self, rng):
        ours, theirs = pair(rng)
        x = rng.standard_normal((5, 3))
        _, grad, grad_out = by_torch(theirs, x)
        ours.forward(x)
        equal(ours.backward(grad_out), grad)

    def test_parameter_grads(self, rng):
        ours, theirs = pair(rng)
        for _ in range(2):
            both(ours, theirs, rng.standard_normal((5, 3)))
            equal(ours.weight.grad, theirs.weight.grad.numpy())
            equal(ours.bias.grad, theirs.bias.grad.numpy())

    def test_no_bias(self, rng):
        both(*pair(rng, bias=False), rng.standard_normal((5, 3)))

    def test_stability(self, rng):
        both(*pair(rng), np.array([[1e4, -1e4, 1e-4], [1e150, 0.5, -1e150]]))

    def test_wrong_shape(self, rng):
        ours, _ = pair(rng)
        with pytest.raises(ValueError, match="4"):
            ours.forward(rng.standard_normal((5, 4)))
        ours.forward(rng.standard_normal((5, 3)))
        with pytest.raises(ValueError, match="1"):
            ours.backward(rng.standard_normal((5, 1)))

    def test_init(self):
        layer, bound = linear.Linear(50, 40, rng=np.random.default_rng(7)), 1 / np.sqrt(50)
        for values, shape in ((layer.weight.data, (40, 50)), (layer.bias.data, (40,))):
            assert values.shape == shape
            assert values.dtype == np.float64
            assert 0.85 * bound < np.abs(values).max() <= bound
            assert 0.75 < values.std() * np.sqrt(3) / bound < 1.25

    def test_float32(self, rng):
        ours, theirs = pair(rng, dtype=np.float32)
        both(ours, theirs, rng.standard_normal((5, 3)).astype(np.float32), rtol=1e-4)
        equal(ours.weight.grad, theirs.weight.grad.numpy(), 1e-4)
        equal(ours.bias.grad, theirs.bias.grad.numpy(), 1e-4)

    def test_unchanged_inputs(self, rng):
        ours, _ = pair(rng)
        x, grad_out = rng.standard_normal((5, 3)), rng.standard_normal((5, 4))
        before, grad_before = x.copy(), grad_out.copy()
        ours.forward(x)
        ours.backward(grad_out)
        equal(x, before)
        equal(grad_out, grad_before)

    def test_batch_of_one(self, rng):
        both(*pair(rng), rng.standard_normal((1, 3)))

    def test_second_call(self, rng):
        one, theirs = pair(rng)
        two = linear.Linear(3, 4)
        two.load_state_dict(one.state_dict())
        before, after = rng.standard_normal((5, 3)), rng.standard_normal((2, 6, 3))
        both(one, theirs, before)
        output, grad, grad_out = by_torch(theirs, after)
        equal(one.forward(after), output)
        two.forward(before)
        equal(one.backward(grad_out), grad)
        _, grad, grad_out = by_torch(theirs, before)
        equal(two.backward(grad_out), grad)

    def test_non_contiguous(self, rng):
        ours, theirs = pair(rng)
        x = rng.standard_normal((5, 3))
        output, grad, grad_out = by_torch(theirs, x)
        equal(ours.forward(np.asfortranarray(x)), output)
        equal(ours.forward(strided(x)), output)
        equal(ours.backward(strided(grad_out)), grad)
