"""The reference of week 2: convolution, max pooling, flatten."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from comparison import assert_close, assert_refuses_gradient
from given.module import Sequential
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_parity import PROMISES, Case, equals_torch
from week_2.conv import Conv2d
from week_2.flatten import Flatten
from week_2.pooling import MaxPool2d

few = settings(max_examples=40, deadline=None, derandomize=True)
seeds = st.integers(0, 2**32 - 1)
small = st.integers(1, 3)
kernels = st.tuples(small, small)


def conv(shape, *args, **options) -> Case:
    return Case(Conv2d, torch.nn.Conv2d, shape, args, options)


def pool(shape, *args) -> Case:
    return Case(MaxPool2d, torch.nn.MaxPool2d, shape, args)


CASES = {
    "Conv2d": conv((2, 3, 5, 4), 3, 4, 3),
    "Conv2d rectangular": conv((2, 3, 5, 6), 3, 2, (2, 3), (2, 1), (1, 2)),
    "Conv2d without bias": conv((2, 1, 4, 4), 1, 3, 2, bias=False),
    "Conv2d 1x1": conv((2, 3, 2, 3), 3, 2, 1),
    "MaxPool2d": pool((2, 3, 4, 6), 2),
    "MaxPool2d overlapping": pool((2, 3, 5, 5), 3, 1, 1),
    "MaxPool2d rectangular": pool((2, 3, 5, 7), (2, 3), (1, 2), (1, 0)),
    "Flatten": Case(Flatten, torch.nn.Flatten, (2, 3, 4, 5)),
    "Flatten in the middle": Case(Flatten, torch.nn.Flatten, (2, 3, 4, 5), (1, 2)),
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_class_keeps_its_promises(case, promise):
    promise(case, np.random.default_rng(1))


@few
@given(st.data(), kernels, kernels, kernels, st.booleans(), seeds)
def test_conv2d_equals_torch_for_any_geometry(data, kernel, stride, channels, bias, seed):
    padding = data.draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    least = [max(1, k - 2 * p) for k, p in zip(kernel, padding, strict=True)]
    height, width = (data.draw(st.integers(size, size + 5)) for size in least)
    shape = (data.draw(small), channels[0], height, width)
    case = conv(shape, *channels, kernel, stride, padding, bias=bias)
    equals_torch(case, np.random.default_rng(seed))


@few
@given(st.data(), kernels, kernels, seeds)
def test_max_pool2d_equals_torch_for_any_geometry(data, kernel, stride, seed):
    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    least = [max(1, k - 2 * p) for k, p in zip(kernel, padding, strict=True)]
    height, width = (data.draw(st.integers(size, size + 5)) for size in least)
    shape = (data.draw(small), data.draw(small), height, width)
    equals_torch(pool(shape, kernel, stride, padding), np.random.default_rng(seed))


@few
@given(st.data(), kernels, kernels, seeds)
def test_max_pool2d_gives_ties_to_the_first_maximum_as_torch_does(data, kernel, stride, seed):
    def few_values(rng, shape):
        return rng.integers(-1, 2, shape).astype(np.float64)

    padding = tuple(data.draw(st.integers(0, k // 2)) for k in kernel)
    case = Case(
        MaxPool2d, torch.nn.MaxPool2d, (2, 2, 6, 5), (kernel, stride, padding), draw=few_values
    )
    equals_torch(case, np.random.default_rng(seed))


@few
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5).map(tuple), st.data(), seeds)
def test_flatten_equals_torch_for_any_axes(shape, data, seed):
    start = data.draw(st.integers(0, len(shape) - 1))
    end = data.draw(st.integers(start, len(shape) - 1))
    negative = data.draw(st.tuples(st.booleans(), st.booleans()))
    axes = [axis - len(shape) * sign for axis, sign in zip((start, end), negative, strict=True)]
    equals_torch(Case(Flatten, torch.nn.Flatten, shape, tuple(axes)), np.random.default_rng(seed))


def test_conv2d_slides_the_kernel_without_flipping_it():
    layer = Conv2d(1, 1, (1, 2), bias=False)
    layer.weight.data[...] = [[[[10.0, 1.0]]]]
    expected = [[[[12.0, 23.0]]]]
    np.testing.assert_array_equal(expected, layer.forward(np.array([[[[1.0, 2.0, 3.0]]]])))


def test_max_pool2d_steps_by_its_kernel_and_drops_what_is_left_over():
    x = np.arange(25.0).reshape(1, 1, 5, 5)
    expected = [[[[6.0, 8.0], [16.0, 18.0]]]]
    np.testing.assert_array_equal(expected, MaxPool2d(2).forward(x))


def test_max_pool2d_never_takes_the_padding():
    x = np.full((1, 1, 2, 2), -5.0)
    layer = MaxPool2d(2, padding=1)
    np.testing.assert_array_equal(np.full((1, 1, 2, 2), -5.0), layer.forward(x))
    np.testing.assert_array_equal(np.ones_like(x), layer.backward(np.ones_like(x)))


def test_large_values_stay_exact():
    rng = np.random.default_rng(2)
    x = rng.choice([-1e4, 1e4], (2, 2, 4, 4)) + rng.standard_normal((2, 2, 4, 4))
    for case in (conv(x.shape, 2, 3, 3), pool(x.shape, 2)):
        layer = case.make()
        reference = case.reference(*case.args).double()
        reference.load_state_dict({n: torch.tensor(v) for n, v in layer.state_dict().items()})
        assert_close(reference(torch.tensor(x)).detach().numpy(), layer.forward(x))


def test_pairs_may_come_as_lists():
    layer = Conv2d(1, 2, [2, 3], stride=[1, 2], padding=[0, 1])
    assert layer.forward(np.ones((1, 1, 4, 5))).shape == (1, 2, 3, 3)
    assert MaxPool2d([2, 1]).forward(np.ones((1, 1, 4, 5))).shape == (1, 1, 2, 5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Conv2d(1, 1, 0),
        lambda: Conv2d(1, 1, 3, stride=0),
        lambda: Conv2d(1, 1, 3, padding=(0, -1)),
        lambda: Conv2d(1, 1, (3, 3, 3)),
        lambda: MaxPool2d(0),
        lambda: MaxPool2d(2, stride=0),
        lambda: MaxPool2d(2, padding=-1),
    ],
)
def test_impossible_windows_are_refused(make):
    with pytest.raises(ValueError, match=r"must be|values to unpack"):
        make()


@pytest.mark.parametrize(
    "shape", [(1, 3, 5, 5), (5, 5), (1, 2, 5, 5, 5), (1, 2, 2, 5), (1, 2, 5, 2)]
)
def test_conv2d_refuses_what_its_kernel_does_not_fit(shape):
    with pytest.raises(ValueError, match=r"\(|window shape"):
        Conv2d(2, 3, 3).forward(np.ones(shape))


@pytest.mark.parametrize("shape", [(5, 5), (1, 1, 1, 4), (1, 1, 4, 1), (1, 1, 4, 4, 4)])
def test_max_pool2d_refuses_what_its_kernel_does_not_fit(shape):
    with pytest.raises(ValueError, match=r"\(|window shape"):
        MaxPool2d(2).forward(np.ones(shape))


@pytest.mark.parametrize("padding", [2, (0, 2), (2, 0)])
def test_max_pool2d_refuses_padding_of_more_than_half_the_kernel(padding):
    with pytest.raises(ValueError, match="half"):
        MaxPool2d(3, padding=padding).forward(np.ones((1, 1, 4, 4)))


@pytest.mark.parametrize(("start", "end"), [(2, 1), (1, 4), (-5, -1), (4, -1)])
def test_flatten_refuses_axes_that_are_not_there(start, end):
    with pytest.raises(ValueError, match=r"\(2, 3, 4, 5\)"):
        Flatten(start, end).forward(np.ones((2, 3, 4, 5)))


@pytest.mark.parametrize(
    ("layer", "wrong"),
    [
        (Conv2d(2, 3, 3), (1, 3, 1, 2)),
        (Conv2d(2, 3, 3), (3, 2, 2)),
        (MaxPool2d(2), (1, 2, 2, 1)),
        (MaxPool2d(2), (1, 2, 4, 4)),
        (Flatten(), (32, 1)),
        (Flatten(), (1, 2, 4, 4)),
        (Conv2d(2, 3, 3), ()),
        (MaxPool2d(2), ()),
        (Flatten(), ()),
    ],
)
def test_a_gradient_unlike_the_output_is_refused(layer, wrong):
    output = layer.forward(np.ones((1, 2, 4, 4)))
    assert_refuses_gradient(layer, wrong, output.shape)


def test_an_empty_batch_passes_through():
    model = Sequential(Conv2d(2, 3, 3), MaxPool2d(2), Flatten())
    assert model.forward(np.ones((0, 2, 6, 6))).shape == (0, 12)
    assert model.backward(np.ones((0, 12))).shape == (0, 2, 6, 6)


def test_conv2d_is_initialised_as_in_torch():
    layer = Conv2d(4, 400, (5, 5), rng=np.random.default_rng(3))
    for values in (layer.weight.data, layer.bias.data):
        assert np.abs(values).max() <= 0.1
        np.testing.assert_allclose(values.std(), 0.1 / np.sqrt(3), rtol=0.1)
        assert abs(values.mean()) < 0.01


def test_conv2d_is_drawn_from_the_generator_handed_in():
    one, two = (Conv2d(2, 3, 2, rng=np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.weight.data, two.weight.data)
    np.testing.assert_array_equal(one.bias.data, two.bias.data)


def test_conv2d_without_bias_has_one_parameter():
    layer = Conv2d(2, 3, 2, bias=False)
    assert layer.bias is None
    assert [name for name, _ in layer.named_parameters()] == ["weight"]
