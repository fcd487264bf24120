"""The reference of week 1: activations, losses, the linear layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, assert_refuses_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_parity import PROMISES, Case, equals_torch
from week_1.activations import ReLU, Sigmoid, Softmax, Tanh
from week_1.linear import Linear
from week_1.losses import BCELoss, CrossEntropyLoss

few = settings(max_examples=25, deadline=None, derandomize=True)
shapes = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 8)
reductions = st.sampled_from(["mean", "sum"])

ELEMENTWISE = [(ReLU, torch.nn.ReLU), (Sigmoid, torch.nn.Sigmoid), (Tanh, torch.nn.Tanh)]
EXTREME = np.array([[1e4, -1e4, 3.0], [-1e4, -1e4, -1e4], [1e4, 1e4, 0.0], [-1e4, 2.0, 0.5]])


def classes(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(0, shape[1], shape[0])


def probabilities(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.uniform(0.01, 0.99, shape)


def cross_entropy(shape: tuple[int, int], reduction: str = "mean") -> Case:
    options = {"reduction": reduction}
    return Case(
        CrossEntropyLoss, torch.nn.CrossEntropyLoss, shape, (), options, draw_target=classes
    )


def bce(shape: tuple[int, ...], reduction: str = "mean") -> Case:
    options = {"reduction": reduction}
    return Case(BCELoss, torch.nn.BCELoss, shape, (), options, probabilities, probabilities)


CASES = {
    **{layer.__name__: Case(layer, torch_layer, (4, 3)) for layer, torch_layer in ELEMENTWISE},
    "Softmax": Case(Softmax, torch.nn.Softmax, (4, 3), (-1,)),
    "Softmax over rows": Case(Softmax, torch.nn.Softmax, (4, 3, 2), (1,)),
    "CrossEntropyLoss": cross_entropy((4, 3)),
    "CrossEntropyLoss sum": cross_entropy((4, 3), "sum"),
    "BCELoss": bce((4, 3)),
    "BCELoss sum": bce((4, 3), "sum"),
    "Linear": Case(Linear, torch.nn.Linear, (5, 3), (3, 4)),
    "Linear without bias": Case(Linear, torch.nn.Linear, (5, 2, 3), (3, 4, False)),
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_class_keeps_its_promises(case, promise):
    promise(case, np.random.default_rng(1))


@few
@given(shapes, seeds)
def test_elementwise_activations_equal_torch_for_any_shape(shape, seed):
    for layer, torch_layer in ELEMENTWISE:
        equals_torch(Case(layer, torch_layer, shape), np.random.default_rng(seed))


@few
@given(shapes, seeds, st.integers(-4, 3))
def test_softmax_equals_torch_for_any_axis(shape, seed, dim):
    dim = dim % len(shape) - (len(shape) if dim < 0 else 0)
    case = Case(Softmax, torch.nn.Softmax, shape, (dim,))
    equals_torch(case, np.random.default_rng(seed))


@few
@given(sizes, sizes, reductions, seeds)
def test_cross_entropy_equals_torch_for_any_shape(batch, count, reduction, seed):
    equals_torch(cross_entropy((batch, count), reduction), np.random.default_rng(seed))


@few
@given(shapes, reductions, seeds)
def test_bce_equals_torch_for_any_shape(shape, reduction, seed):
    equals_torch(bce(shape, reduction), np.random.default_rng(seed))


@few
@given(shapes, sizes, st.booleans(), seeds)
def test_linear_equals_torch_for_any_leading_axes(shape, out_features, bias, seed):
    case = Case(Linear, torch.nn.Linear, shape, (shape[-1], out_features, bias))
    equals_torch(case, np.random.default_rng(seed))


def assert_like_torch(layer, reference, *inputs):
    x, *target = [torch.tensor(value) for value in inputs]
    x.requires_grad_()
    output = reference(x, *target)
    grad_out = np.random.default_rng(2).standard_normal(output.shape)
    output.backward(torch.tensor(grad_out))
    assert_close(output.detach().numpy(), layer.forward(*inputs))
    assert_close(x.grad.numpy(), layer.backward(grad_out))


def test_relu_has_no_gradient_at_zero():
    assert_like_torch(ReLU(), torch.nn.ReLU(), np.array([-1.0, -0.0, 0.0, 1e-300, 2.0]))


@pytest.mark.parametrize(
    ("layer", "reference"),
    [
        (Sigmoid(), torch.nn.Sigmoid()),
        (Tanh(), torch.nn.Tanh()),
        (Softmax(), torch.nn.Softmax(-1)),
    ],
)
def test_activations_are_stable_at_extreme_inputs(layer, reference):
    assert_like_torch(layer, reference, EXTREME)


@pytest.mark.parametrize("target", [[0, 0, 0, 1], [1, 2, 2, 0]])
def test_cross_entropy_is_stable_at_extreme_logits(target):
    assert_like_torch(CrossEntropyLoss(), torch.nn.CrossEntropyLoss(), EXTREME, np.array(target))


def test_sigmoid_keeps_its_digits_far_from_zero():
    layer = Sigmoid()
    np.testing.assert_allclose(layer.forward(np.array([-700.0])), np.exp([-700.0]), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bce_has_torchs_limits_at_certain_probabilities(dtype):
    p = np.array([0, 0, 1, 1, 0, 1, 1e-13, 1e-13, 1e-30, 0.3], dtype)
    t = np.array([0, 1, 0, 1, 0.5, 0.5, 0, 1, 1, 0.2], dtype)
    x = torch.tensor(p, requires_grad=True)
    expected = torch.nn.BCELoss()(x, torch.tensor(t))
    expected.backward()
    loss = BCELoss()
    relative = 1e-10 if dtype is np.float64 else 1e-6
    assert_close(expected.detach().numpy(), loss.forward(p, t), relative)
    # torch holds the bound 1e-12 in single precision, so even in float64 it is 4e-9 off.
    np.testing.assert_allclose(loss.backward(), x.grad.numpy(), rtol=max(relative, 1e-8))


def test_losses_go_backward_from_one_by_default():
    rng = np.random.default_rng(3)
    for loss, x, target in (
        (CrossEntropyLoss(), rng.standard_normal((4, 3)), classes(rng, (4, 3))),
        (BCELoss(), probabilities(rng, (4, 3)), probabilities(rng, (4, 3))),
    ):
        value = loss.forward(x, target)
        assert np.ndim(value) == 0
        np.testing.assert_array_equal(loss.backward(1.0), loss.backward())


@pytest.mark.parametrize("loss", [CrossEntropyLoss, BCELoss])
def test_losses_refuse_an_unknown_reduction(loss):
    with pytest.raises(ValueError, match="none"):
        loss(reduction="none")


@pytest.mark.parametrize(
    ("layer", "shape", "wrong"),
    [
        (ReLU(), (4, 3), (4, 1)),
        (Sigmoid(), (4, 3), (3,)),
        (Tanh(), (4, 3), (1, 3)),
        (Softmax(), (4, 3), (4, 1)),
        (Linear(3, 2), (4, 3), (4, 1)),
        (Linear(3, 2), (4, 3), (2, 4)),
        (Linear(3, 2), (2, 4, 3), (8, 2)),
        (ReLU(), (4, 3), ()),
        (Sigmoid(), (4, 3), ()),
        (Tanh(), (4, 3), ()),
        (Softmax(), (4, 3), ()),
        (Linear(3, 2), (4, 3), ()),
    ],
)
def test_a_gradient_unlike_the_output_is_refused(layer, shape, wrong):
    output = layer.forward(np.ones(shape))
    assert_refuses_gradient(layer, wrong, output.shape)


@pytest.mark.parametrize("loss", [CrossEntropyLoss(), BCELoss()])
def test_losses_refuse_a_gradient_that_is_no_number(loss):
    target = np.zeros(2, dtype=int) if isinstance(loss, CrossEntropyLoss) else np.ones((2, 3))
    loss.forward(np.full((2, 3), 0.5), target)
    assert_refuses_gradient(loss, (2,), ())
    assert_refuses_gradient(loss, (1,), ())


@pytest.mark.parametrize(
    ("x", "target"),
    [
        (np.ones((2, 3)), np.array([0, 1, 2])),
        (np.ones((2, 3)), np.array([[0], [1]])),
        (np.ones(3), np.array(1)),
        (np.ones((2, 3, 2)), np.zeros((2, 2), int)),
        (np.ones((2, 3)), np.array([0, 3])),
        (np.ones((2, 3)), np.array([0, -1])),
        (np.ones((2, 3)), np.array([0.0, 1.0])),
    ],
)
def test_cross_entropy_refuses_what_does_not_fit(x, target):
    with pytest.raises(ValueError, match=r"input|target"):
        CrossEntropyLoss().forward(x, target)


@pytest.mark.parametrize(
    ("p", "t"),
    [
        (np.full((2, 3), 0.5), np.zeros(3)),
        (np.full((2, 1), 0.5), np.zeros(2)),
        (np.array([0.5, 1.5]), np.zeros(2)),
        (np.array([0.5, np.nan]), np.zeros(2)),
        (np.full(2, 0.5), np.array([0.0, 2.0])),
    ],
)
def test_bce_refuses_what_does_not_fit(p, t):
    with pytest.raises(ValueError, match=r"input|target"):
        BCELoss().forward(p, t)


@pytest.mark.parametrize("shape", [(2, 4), (3, 4), (), (3, 1)])
def test_linear_refuses_an_input_of_another_width(shape):
    with pytest.raises(ValueError, match="3"):
        Linear(3, 2).forward(np.ones(shape))


def test_softmax_refuses_an_axis_that_is_not_there():
    with pytest.raises(ValueError, match="axis 2"):
        Softmax(dim=2).forward(np.ones((2, 3)))


def test_linear_takes_an_empty_batch():
    layer = Linear(3, 2)
    assert layer.forward(np.ones((0, 3))).shape == (0, 2)
    assert layer.backward(np.ones((0, 2))).shape == (0, 3)


def test_linear_is_initialised_as_in_torch():
    layer = Linear(100, 400, rng=np.random.default_rng(4))
    for values in (layer.weight.data, layer.bias.data):
        assert np.abs(values).max() <= 0.1
        np.testing.assert_allclose(values.std(), 0.1 / np.sqrt(3), rtol=0.1)
        assert abs(values.mean()) < 0.01


def test_linear_is_drawn_from_the_generator_handed_in():
    one, two = (Linear(3, 4, rng=np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(one.weight.data, two.weight.data)
    np.testing.assert_array_equal(one.bias.data, two.bias.data)
    other = Linear(3, 4, rng=np.random.default_rng(6))
    assert (one.weight.data != other.weight.data).all()


def test_linear_without_bias_has_one_parameter():
    layer = Linear(3, 4, bias=False)
    assert layer.bias is None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
