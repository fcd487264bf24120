"""The reference of week 6: scaled dot-product attention and its masks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, assert_refuses_gradient, numeric_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention
from week_6.attention import ScaledDotProductAttention

few = settings(max_examples=20, deadline=None, derandomize=True)

seeds = st.integers(0, 2**32 - 1)
leading_axes = st.lists(st.integers(1, 3), max_size=3)
lengths = st.tuples(*[st.integers(1, 6)] * 4)  # L, S, E, Ev
GRADIENTS = ("query", "key", "value")


def draw_inputs(
    rng: np.random.Generator, leading: list[int], sizes: tuple[int, ...]
) -> list[Array]:
    """Random query, key, value and upstream gradient."""
    queries, keys, depth, value_depth = sizes
    ends = [(queries, depth), (keys, depth), (keys, value_depth), (queries, value_depth)]
    return [rng.standard_normal((*leading, *end)) for end in ends]


def torch_weights(query: Array, key: Array, mask: Array) -> torch.Tensor:
    """The attention weights by their definition; `mask` is one to add."""
    scores = torch.tensor(query) @ torch.tensor(key).mT / math.sqrt(query.shape[-1])
    return torch.softmax(scores + torch.tensor(mask), dim=-1)


def assert_parity(inputs: list[Array], mask: Array | None = None, is_causal: bool = False) -> None:
    """Output and the three gradients agree with torch's."""
    *arrays, grad_out = inputs
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    torch_mask = None if mask is None else torch.tensor(mask)
    expected = scaled_dot_product_attention(*tensors, attn_mask=torch_mask, is_causal=is_causal)
    expected.backward(torch.tensor(grad_out))
    attention = ScaledDotProductAttention()
    output, _ = attention.forward(*arrays, mask, is_causal)
    assert_close(expected.detach(), output)
    for name, tensor, gradient in zip(
        GRADIENTS, tensors, attention.backward(grad_out), strict=True
    ):
        assert tensor.grad is not None, name
        assert_close(tensor.grad, gradient)


def draw_mask(
    rng: np.random.Generator, leading: list[int], sizes: tuple[int, ...], additive: bool
) -> Array:
    """A random mask: each axis whole or of length 1, leading axes left out at times.

    Both last axes stay: torch's fused kernel asks for them.
    """
    axes = [*leading, *sizes[:2]]
    shape = [length if rng.random() < 0.7 else 1 for length in axes]
    allowed = rng.random(shape[rng.integers(len(leading) + 1) :]) < 0.7
    return np.where(allowed, rng.standard_normal(allowed.shape), -np.inf) if additive else allowed


@few
@given(leading_axes, lengths, st.booleans(), seeds)
def test_attention_equals_torch(
    leading: list[int], sizes: tuple[int, ...], is_causal: bool, seed: int
) -> None:
    assert_parity(draw_inputs(np.random.default_rng(seed), leading, sizes), is_causal=is_causal)


@settings(few, max_examples=40)
@given(leading_axes, lengths, st.booleans(), seeds)
def test_masked_attention_equals_torch(
    leading: list[int], sizes: tuple[int, ...], additive: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    assert_parity(draw_inputs(rng, leading, sizes), draw_mask(rng, leading, sizes, additive))


@few
@given(leading_axes, lengths, seeds)
def test_weights_equal_torch_and_add_up_to_one(
    leading: list[int], sizes: tuple[int, ...], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    query, key, value, _ = draw_inputs(rng, leading, sizes)
    mask = rng.standard_normal(sizes[:2])
    _, weights = ScaledDotProductAttention().forward(query, key, value, mask)
    assert_close(torch_weights(query, key, mask), weights)
    np.testing.assert_allclose(weights.sum(axis=-1), 1)


def test_a_boolean_mask_equals_one_of_zero_and_minus_infinity() -> None:
    rng = np.random.default_rng(0)
    *inputs, _ = draw_inputs(rng, [2], (4, 5, 3, 3))
    allowed = rng.random((4, 5)) < 0.7
    attention = ScaledDotProductAttention()
    expected, _ = attention.forward(*inputs, np.where(allowed, 0.0, -np.inf))
    np.testing.assert_array_equal(expected, attention.forward(*inputs, allowed)[0])


@pytest.mark.parametrize(("queries", "keys"), [(4, 4), (3, 5), (5, 3)])
def test_the_causal_mask_is_aligned_at_the_top_left(queries: int, keys: int) -> None:
    *inputs, _ = draw_inputs(np.random.default_rng(1), [2], (queries, keys, 3, 2))
    _, weights = ScaledDotProductAttention().forward(*inputs, is_causal=True)
    allowed = np.arange(keys) <= np.arange(queries)[:, None]
    np.testing.assert_array_equal(np.broadcast_to(allowed, weights.shape), weights > 0)


@pytest.mark.parametrize("additive", [True, False])
def test_fully_masked_rows_are_zero_as_in_torch(additive: bool) -> None:
    inputs = draw_inputs(np.random.default_rng(2), [2, 3], (4, 5, 3, 2))
    allowed = np.ones((4, 5), dtype=np.bool_)
    allowed[1] = False
    mask = np.where(allowed, 0.0, -np.inf) if additive else allowed
    attention = ScaledDotProductAttention()
    output, weights = attention.forward(*inputs[:3], mask)
    grad_query, _, _ = attention.backward(inputs[3])
    for row in (output[..., 1, :], weights[..., 1, :], grad_query[..., 1, :]):
        np.testing.assert_array_equal(np.zeros_like(row), row)
    assert_parity(inputs, mask)


def test_a_masked_key_gets_no_gradient() -> None:
    inputs = draw_inputs(np.random.default_rng(3), [2], (4, 5, 3, 2))
    allowed = np.arange(5) != 2
    attention = ScaledDotProductAttention()
    attention.forward(*inputs[:3], allowed)
    _, grad_key, grad_value = attention.backward(inputs[3])
    np.testing.assert_array_equal(np.zeros((2, 3)), grad_key[:, 2])
    np.testing.assert_array_equal(np.zeros((2, 2)), grad_value[:, 2])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_scores_of_ten_thousand_are_safe(dtype: Any) -> None:
    scores = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4], [1e4, 1e4, 9999.0]], dtype=dtype)
    attention = ScaledDotProductAttention()
    eye = np.eye(3, dtype=dtype)
    output, weights = attention.forward(scores * np.sqrt(dtype(3)), eye, eye)
    e = math.exp(-1)
    expected = np.array([[1, 0, 0], [1 / 3, 1 / 3, 1 / 3], [1, 1, e]])
    expected[2] /= 2 + e
    np.testing.assert_allclose(weights, expected, rtol=2e-3 if dtype == np.float32 else 1e-9)
    np.testing.assert_array_equal(weights, output)
    assert all(np.isfinite(gradient).all() for gradient in attention.backward(eye))


def test_gradients_are_the_slopes_of_the_loss() -> None:
    rng = np.random.default_rng(4)
    *arrays, grad_out = draw_inputs(rng, [2], (3, 4, 3, 2))
    mask = np.array([[True, True, False, True]] * 3)
    attention = ScaledDotProductAttention()

    def loss() -> float:
        return float((attention.forward(*arrays, mask)[0] * grad_out).sum())

    loss()
    gradients = attention.backward(grad_out)
    for array, gradient in zip(arrays, gradients, strict=True):
        assert_close(numeric_gradient(loss, array), gradient, 1e-6)


@pytest.mark.parametrize("mask", [None, np.array([True, False, True]), np.array([0.0, -1.0, 0.5])])
def test_float32_stays_float32(mask: Array | None) -> None:
    inputs = draw_inputs(np.random.default_rng(5), [2], (4, 3, 5, 2))
    attention = ScaledDotProductAttention()

    def run(dtype: Any) -> list[Array]:
        query, key, value, grad_out = (array.astype(dtype) for array in inputs)
        return [*attention.forward(query, key, value, mask), *attention.backward(grad_out)]

    for expected, actual in zip(run(np.float64), run(np.float32), strict=True):
        assert actual.dtype == np.float32
        assert_close(expected, actual, 1e-5)


def test_no_call_changes_its_input_or_what_the_next_needs() -> None:
    rng = np.random.default_rng(6)
    inputs = draw_inputs(rng, [2], (4, 3, 5, 2))
    inputs.append(rng.standard_normal((4, 3)))
    copies = [array.copy() for array in inputs]
    attention = ScaledDotProductAttention()
    attention.forward(*inputs[:3], inputs[4])
    first = attention.backward(inputs[3])
    for expected, actual in zip(first, attention.backward(inputs[3]), strict=True):
        np.testing.assert_array_equal(expected, actual)
    for expected, actual in zip(copies, inputs, strict=True):
        np.testing.assert_array_equal(expected, actual)


def test_memory_layout_makes_no_difference() -> None:
    inputs = draw_inputs(np.random.default_rng(7), [2, 3], (4, 5, 3, 2))
    attention = ScaledDotProductAttention()

    def run(*arrays: Array) -> list[Array]:
        return [*attention.forward(*arrays[:3]), *attention.backward(arrays[3])]

    strided = run(*(np.asfortranarray(array) for array in inputs))
    for expected, actual in zip(run(*inputs), strided, strict=True):
        assert_close(expected, actual)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((4,), (3, 4), (3, 2)), r"query has shape \(4,\), not \(…, L, E\)"),
        (((2, 3, 4), (1, 3, 4), (1, 3, 2)), r"key has shape \(1, 3, 4\), not \(2, S, 4\)"),
        (((3, 4), (3, 5), (3, 2)), r"key has shape \(3, 5\), not \(S, 4\)"),
        (((3, 4), (3, 4), (2, 2)), r"value has shape \(2, 2\), not \(3, Ev\)"),
        (((3, 4), (4,), (3, 2)), r"key has shape \(4,\), not \(S, 4\)"),
        (((2, 3, 4), (2, 3, 4), (3, 2)), r"value has shape \(3, 2\), not \(2, 3, Ev\)"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(shapes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ScaledDotProductAttention().forward(*(np.ones(shape) for shape in shapes))


@pytest.mark.parametrize("wrong", [(3, 1), (2, 3, 1), (3, 2), (2, 5, 2), ()])
def test_a_gradient_unlike_the_output_is_refused(wrong: tuple[int, ...]) -> None:
    *inputs, _ = draw_inputs(np.random.default_rng(11), [2], (3, 5, 4, 2))
    attention = ScaledDotProductAttention()
    attention.forward(*inputs)
    assert_refuses_gradient(attention, wrong, (2, 3, 2))


@pytest.mark.parametrize("shape", [(4, 5), (3, 4), (7, 1, 3, 5), (1, 1, 1, 3, 5)])
def test_a_mask_that_does_not_broadcast_is_refused(shape: tuple[int, ...]) -> None:
    *inputs, _ = draw_inputs(np.random.default_rng(8), [2, 2], (3, 5, 4, 2))
    with pytest.raises(ValueError, match=r"doesn't broadcast to the scores \(2, 2, 3, 5\)"):
        ScaledDotProductAttention().forward(*inputs, np.ones(shape, dtype=np.bool_))


def test_a_mask_of_integers_is_refused() -> None:
    *inputs, _ = draw_inputs(np.random.default_rng(9), [], (3, 5, 4, 2))
    with pytest.raises(TypeError, match="boolean or floating, not int64"):
        ScaledDotProductAttention().forward(*inputs, np.ones((3, 5), dtype=np.int64))


def test_two_masks_at_once_are_refused() -> None:
    *inputs, _ = draw_inputs(np.random.default_rng(10), [], (3, 3, 4, 2))
    with pytest.raises(ValueError, match="attn_mask and is_causal"):
        ScaledDotProductAttention().forward(*inputs, np.ones((3, 3)), is_causal=True)
