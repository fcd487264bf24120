"""The reference of week 5: batch norm, layer norm, residual block."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, assert_refuses_gradient, numeric_gradient
from given.module import Module, Sequential
from hypothesis import given, settings
from hypothesis import strategies as st
from week_5.normalization import BatchNorm, BatchNorm1d, BatchNorm2d, LayerNorm
from week_5.residual import ResidualBlock

few = settings(max_examples=20, deadline=None, derandomize=True)

seeds = st.integers(0, 2**32 - 1)
# Samples, then positions; at least two values per channel.
positions = st.one_of(
    st.tuples(st.integers(2, 6)),
    st.tuples(st.integers(2, 5), st.integers(1, 4)),
    st.tuples(st.just(1), st.integers(2, 4)),
    st.tuples(st.integers(2, 4), st.integers(1, 4), st.integers(1, 3)),
    st.tuples(st.just(1), st.integers(2, 4), st.integers(1, 3)),
)
BATCHES = [(6, 3), (4, 3, 5), (4, 3, 2, 3)]
NORMS = [(BatchNorm1d, 3, (6, 3)), (BatchNorm1d, 3, (4, 3, 5)), (BatchNorm2d, 3, (4, 3, 2, 3))]
NORMS += [(LayerNorm, 3, (6, 3)), (LayerNorm, (2, 3), (4, 5, 2, 3))]


def batch_norms(shape: tuple[int, ...], **options: Any) -> tuple[BatchNorm, torch.nn.Module]:
    """The course's layer and torch's for an input of this shape."""
    ours = BatchNorm2d if len(shape) == 4 else BatchNorm1d
    theirs = torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d
    return ours(shape[1], **options), theirs(shape[1], dtype=torch.float64, **options)


def share_random_parameters(
    rng: np.random.Generator, ours: Module, theirs: torch.nn.Module
) -> None:
    """Give both modules the same random parameters."""
    for parameter, tensor in zip(ours.parameters(), theirs.parameters(), strict=True):
        parameter.data = rng.standard_normal(parameter.data.shape)
        tensor.data = torch.tensor(parameter.data)


def assert_parity(
    rng: np.random.Generator, ours: Module, theirs: Any, shape: tuple[int, ...]
) -> None:
    """One step of both on the same random input and upstream gradient: all results agree."""
    x, grad_out = rng.normal(1.0, 2.0, shape), rng.standard_normal(shape)
    tensor = torch.tensor(x, requires_grad=True)
    expected = theirs(tensor)
    expected.backward(torch.tensor(grad_out))
    assert_close(expected.detach(), ours.forward(x))
    assert_close(tensor.grad, ours.backward(grad_out))
    for parameter, peer in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert_close(peer.grad, parameter.grad)


def random_norm(
    rng: np.random.Generator, kind: Any, size: Any, shape: tuple[int, ...], **options: Any
) -> tuple[Module, Array, Array]:
    """A layer with random parameters, an input and an upstream gradient."""
    layer = kind(size, **options)
    for parameter in layer.parameters():
        parameter.data = rng.standard_normal(parameter.data.shape)
    return layer, rng.normal(1.0, 2.0, shape), rng.standard_normal(shape)


@few
@given(positions, st.integers(1, 4), st.booleans(), seeds)
def test_batch_norm_in_training_equals_torch(
    sizes: tuple[int, ...], channels: int, affine: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shape = (sizes[0], channels, *sizes[1:])
    ours, theirs = batch_norms(shape, affine=affine, eps=1e-3)
    share_random_parameters(rng, ours, theirs)
    assert_parity(rng, ours, theirs, shape)


@few
@given(positions, st.integers(1, 4), st.floats(0, 1), seeds)
def test_running_statistics_and_eval_equal_torch(
    sizes: tuple[int, ...], channels: int, momentum: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shape = (sizes[0], channels, *sizes[1:])
    ours, theirs = batch_norms(shape, momentum=momentum)
    share_random_parameters(rng, ours, theirs)
    for step in range(3):
        x = rng.normal(1.0, 2.0, (shape[0] + step, *shape[1:]))
        ours.forward(x)
        theirs(torch.tensor(x))
        assert_close(theirs.running_mean, ours.running_mean)
        assert_close(theirs.running_var, ours.running_var)
    ours.eval()
    theirs.eval()
    assert_parity(rng, ours, theirs, (1, *shape[1:]))
    assert_close(theirs.running_mean, ours.running_mean)
    assert_close(theirs.running_var, ours.running_var)


@pytest.mark.parametrize("shape", BATCHES)
def test_batch_norm_without_parameters_equals_torch_in_eval(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    ours, theirs = batch_norms(shape, affine=False)
    assert (ours.weight, ours.bias, ours.parameters()) == (None, None, [])
    assert_parity(rng, ours, theirs, shape)
    ours.eval()
    theirs.eval()
    assert_parity(rng, ours, theirs, shape)


def test_backward_follows_the_mode_of_the_forward_before_it() -> None:
    rng = np.random.default_rng(0)
    layer, x, grad_out = random_norm(rng, BatchNorm1d, 3, (6, 3))
    layer.forward(x)
    expected = layer.backward(grad_out)
    layer.eval()
    assert_close(expected, layer.backward(grad_out))


@pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1), (1, 3, 1, 1)])
def test_a_single_value_per_channel_is_refused_in_training_only(shape: tuple[int, ...]) -> None:
    layer, _ = batch_norms(shape)
    with pytest.raises(ValueError, match="2 or more values per channel: 1 given"):
        layer.forward(np.ones(shape))
    layer.eval()
    assert layer.forward(np.ones(shape)).shape == shape


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (BatchNorm1d(3), (3,), r"\(3,\), not \(N, 3, L\)"),
        (BatchNorm1d(3), (5, 4), r"\(5, 4\), not \(N, 3\)"),
        (BatchNorm1d(3), (2, 3, 4, 5), r"\(2, 3, 4, 5\), not \(N, 3, L\)"),
        (BatchNorm2d(3), (2, 3, 4), r"\(2, 3, 4\), not \(N, 3, H, W\)"),
        (BatchNorm2d(3), (2, 4, 4, 3), r"\(2, 4, 4, 3\), not \(N, 3, H, W\)"),
        (LayerNorm(3), (2, 4), r"\(2, 4\), not \(…, 3\)"),
        (LayerNorm((3, 4)), (4,), r"\(4,\), not \(…, 3, 4\)"),
    ],
)
def test_a_wrong_shape_is_refused(layer: Module, shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones(shape))


@pytest.mark.parametrize("wrong", [(4, 1), (3,), (1, 3), (4, 3, 1), (3, 4), ()])
@pytest.mark.parametrize("layer", [BatchNorm1d(3), LayerNorm(3), ResidualBlock(LayerNorm(3))])
def test_a_gradient_unlike_the_output_is_refused(layer: Module, wrong: tuple[int, ...]) -> None:
    layer.forward(np.arange(12.0).reshape(4, 3))
    assert_refuses_gradient(layer, wrong, (4, 3))


@pytest.mark.parametrize("wrong", [(2, 3, 1, 1), (2, 3, 20), (2, 3, 5, 4), ()])
def test_batch_norm2d_refuses_a_gradient_unlike_the_output(wrong: tuple[int, ...]) -> None:
    layer = BatchNorm2d(3)
    layer.forward(np.arange(120.0).reshape(2, 3, 4, 5))
    assert_refuses_gradient(layer, wrong, (2, 3, 4, 5))


def test_the_common_part_of_batch_norm_is_no_layer() -> None:
    with pytest.raises(NotImplementedError, match="BatchNorm1d or BatchNorm2d"):
        BatchNorm(3).forward(np.ones((2, 3)))


@few
@given(
    st.lists(st.integers(1, 4), max_size=3),
    st.lists(st.integers(2, 4), min_size=1, max_size=3),
    st.booleans(),
    seeds,
)
def test_layer_norm_equals_torch(
    leading: list[int], normalized: list[int], affine: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    size = normalized[0] if len(normalized) == 1 else tuple(normalized)
    ours = LayerNorm(size, eps=1e-3, elementwise_affine=affine)
    theirs = torch.nn.LayerNorm(size, eps=1e-3, elementwise_affine=affine, dtype=torch.float64)
    share_random_parameters(rng, ours, theirs)
    assert_parity(rng, ours, theirs, (*leading, *normalized))


def test_layer_norm_without_parameters_has_none() -> None:
    layer = LayerNorm(3, elementwise_affine=False)
    assert (layer.weight, layer.bias, layer.parameters()) == (None, None, [])


@pytest.mark.parametrize(("kind", "size", "shape"), NORMS)
def test_gradients_are_the_slopes_of_the_loss(kind: Any, size: Any, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    layer, x, grad_out = random_norm(rng, kind, size, shape)

    def loss() -> float:
        return float((layer.forward(x) * grad_out).sum())

    layer.forward(x)
    assert_close(numeric_gradient(loss, x), layer.backward(grad_out), 1e-6)
    for parameter in layer.parameters():
        assert_close(numeric_gradient(loss, parameter.data), parameter.grad, 1e-6)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("kind", "size", "shape"), NORMS)
def test_float32_stays_float32(
    kind: Any, size: Any, shape: tuple[int, ...], training: bool
) -> None:
    rng = np.random.default_rng(2)
    layer, x, grad_out = random_norm(rng, kind, size, shape)
    layer.train(training)
    expected = layer.forward(x), layer.backward(grad_out)
    layer.to(np.float32)
    actual = layer.forward(x.astype(np.float32)), layer.backward(grad_out.astype(np.float32))
    for in_double, in_single in zip(expected, actual, strict=True):
        assert in_single.dtype == np.float32
        assert_close(in_double, in_single, 1e-4)
    assert all(parameter.grad.dtype == np.float32 for parameter in layer.parameters())


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize(("kind", "size", "shape"), NORMS)
def test_no_call_changes_its_input_or_what_the_next_needs(
    kind: Any, size: Any, shape: tuple[int, ...], affine: bool
) -> None:
    rng = np.random.default_rng(3)
    layer, x, grad_out = random_norm(rng, kind, size, shape)
    if not affine:
        layer.weight = layer.bias = None
    copies = x.copy(), grad_out.copy()
    out = layer.forward(x)
    first = layer.backward(grad_out)
    gradients = [parameter.grad.copy() for parameter in layer.parameters()]
    expected = first.copy()
    out[...] = first[...] = 0
    np.testing.assert_array_equal(expected, layer.backward(grad_out))
    np.testing.assert_array_equal(copies[0], x)
    np.testing.assert_array_equal(copies[1], grad_out)
    for once, parameter in zip(gradients, layer.parameters(), strict=True):
        assert_close(2 * once, parameter.grad)


@pytest.mark.parametrize(("kind", "size", "shape"), NORMS)
def test_memory_layout_makes_no_difference(kind: Any, size: Any, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(4)
    layer, x, grad_out = random_norm(rng, kind, size, shape)
    expected = layer.forward(x), layer.backward(grad_out)
    actual = layer.forward(np.asfortranarray(x)), layer.backward(np.asfortranarray(grad_out))
    for contiguous, strided in zip(expected, actual, strict=True):
        assert_close(contiguous, strided)


@pytest.mark.parametrize(("kind", "size", "shape"), NORMS)
def test_constant_groups_become_the_bias(kind: Any, size: Any, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    layer, _, grad_out = random_norm(rng, kind, size, shape)
    layer.weight.data[...] = 1
    layer.bias.data[...] = 0.5
    np.testing.assert_allclose(layer.forward(np.full(shape, 1e4)), 0.5, atol=1e-8)
    assert np.isfinite(layer.backward(grad_out)).all()


@pytest.mark.parametrize(("kind", "size", "shape"), NORMS)
def test_a_large_offset_costs_no_accuracy(kind: Any, size: Any, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(6)
    layer, x, _ = random_norm(rng, kind, size, shape)
    # Variance as mean of squares minus square of the mean would lose 12 of 16 digits here.
    assert_close(layer.forward(x), layer.forward(x + 2.0**20), 1e-8)


class TorchResidual(torch.nn.Module):
    """x + module(x), in torch."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        total: torch.Tensor = x + self.module(x)
        return total


@few
@given(st.integers(2, 5), st.integers(2, 4), seeds)
def test_nested_residual_blocks_equal_torch(samples: int, features: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ours = ResidualBlock(
        Sequential(BatchNorm1d(features), ResidualBlock(LayerNorm(features, eps=0.1)))
    )
    theirs = TorchResidual(
        torch.nn.Sequential(
            torch.nn.BatchNorm1d(features),
            TorchResidual(torch.nn.LayerNorm(features, eps=0.1)),
        )
    ).double()
    share_random_parameters(rng, ours, theirs)
    assert_parity(rng, ours, theirs, (samples, features))
    ours.eval()
    theirs.eval()
    ours.zero_grad()
    theirs.zero_grad()
    assert_parity(rng, ours, theirs, (1, features))


def test_residual_block_passes_mode_and_parameters_on() -> None:
    inner = BatchNorm1d(3)
    block = ResidualBlock(inner)
    block.eval()
    assert not inner.training
    block.train()
    assert inner.training
    expected = {"module.weight": inner.weight, "module.bias": inner.bias}
    assert expected == dict(block.named_parameters())


def test_residual_block_leaves_its_inputs_and_float32_alone() -> None:
    rng = np.random.default_rng(7)
    block = ResidualBlock(LayerNorm(3)).to(np.float32)
    x, grad_out = rng.standard_normal((2, 4, 3)).astype(np.float32)
    copies = x.copy(), grad_out.copy()
    out, grad_x = block.forward(x), block.backward(grad_out)
    assert (out.dtype, grad_x.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(copies[0], x)
    np.testing.assert_array_equal(copies[1], grad_out)


def test_residual_gradient_is_the_slope_of_the_loss() -> None:
    rng = np.random.default_rng(8)
    block, (x, grad_out) = ResidualBlock(LayerNorm(3)), rng.standard_normal((2, 4, 3))

    def loss() -> float:
        return float((block.forward(x) * grad_out).sum())

    block.forward(x)
    assert_close(numeric_gradient(loss, x), block.backward(grad_out), 1e-6)


class FirstColumn(Module):
    """A module whose output would broadcast against its input."""

    def forward(self, x: Array) -> Array:
        return x[:, :1]


def test_residual_block_refuses_a_module_that_changes_the_shape() -> None:
    with pytest.raises(ValueError, match=r"F\(x\) has shape \(4, 1\), not \(4, 3\)"):
        ResidualBlock(FirstColumn()).forward(np.ones((4, 3)))
