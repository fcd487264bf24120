"""Scaled dot-product attention: every query takes a weighted mean of the values.

    scores = Q Kᵀ / √E,    weights = softmax(scores + mask),    output = weights V

The weights of a query are at least 0 and add up to 1 over the keys.
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


def check_shapes(query: Array, key: Array, value: Array) -> None:
    """Refuse inputs that don't fit together.

    Args:
        query: shape (…, L, E).
        key: shape (…, S, E).
        value: shape (…, S, Ev).
    Raises:
        ValueError: the leading axes differ, or E, or S; the message names two shapes.
    """
    require_shape("query", query, (..., "L", "E"))
    *leading, _, depth = query.shape
    require_shape("key", key, (*leading, "S", depth))
    require_shape("value", value, (*leading, key.shape[-2], "Ev"))


def check_mask(attn_mask: Array, shape: tuple[int, ...]) -> None:
    """Refuse a mask that doesn't fit the scores.

    Args:
        attn_mask: any array.
        shape: the shape of the scores, (…, L, S).
    Raises:
        ValueError: the mask doesn't broadcast to the scores; the message names both shapes.
        TypeError: the mask is neither boolean nor floating.
    """
    if attn_mask.dtype != np.bool_ and not np.issubdtype(attn_mask.dtype, np.floating):
        raise TypeError(f"attn_mask must be boolean or floating, not {attn_mask.dtype}")
    try:
        np.broadcast_to(attn_mask, shape)
    except ValueError:
        raise ValueError(
            f"attn_mask has shape {attn_mask.shape}, which doesn't broadcast to the scores {shape}"
        ) from None


def apply_mask(scores: Array, attn_mask: Array) -> Array:
    """The scores after the mask.

    Args:
        scores: shape (…, L, S). They are not changed.
        attn_mask: broadcasts to the scores. Boolean: True where the query may attend to
            the key. Floating: added to the scores.
    Returns:
        Shape (…, L, S), the dtype of the scores; -∞ where a boolean mask is False, the
        score itself where it is True.
    """
    ### BEGIN SOLUTION turn a boolean mask into one to add; keep the dtype of the scores
    if attn_mask.dtype == np.bool_:
        attn_mask = np.where(attn_mask, 0, -np.inf)
    return scores + attn_mask.astype(scores.dtype)
    ### END SOLUTION


def softmax(scores: Array) -> Array:
    """Softmax over the last axis; a row that is -∞ throughout becomes zeros.

    Args:
        scores: shape (…, L, S). They are not changed.
    Returns:
        Shape (…, L, S).
    Math: softmax(s)ⱼ = exp(sⱼ - m) / Σₖ exp(sₖ - m) for any m; m = max(s) keeps exp ≤ 1.
    """
    ### BEGIN SOLUTION exponentials, safe for large scores and for fully masked rows
    top = scores.max(axis=-1, keepdims=True)
    exp = np.exp(scores - np.where(np.isneginf(top), 0, top))
    total = exp.sum(axis=-1, keepdims=True)
    exp /= np.where(total == 0, 1, total)
    return exp
    ### END SOLUTION


class ScaledDotProductAttention(Module):
    """Attention with an optional mask, over any number of leading axes (batch, heads).

    A query that may attend to no key at all (a fully masked row) gets weights, output and
    gradients of zero, as torch 2.13 does on the CPU; a mean over nothing would be NaN.

    Parity: torch.nn.functional.scaled_dot_product_attention.
    """

    def forward(
        self,
        query: Array,
        key: Array,
        value: Array,
        attn_mask: Array | None = None,
        is_causal: bool = False,
    ) -> tuple[Array, Array]:
        """For every query a mean of the values, weighted by how well their keys fit it.

        Args:
            query: Q, shape (…, L, E).
            key: K, shape (…, S, E).
            value: V, shape (…, S, Ev).
            attn_mask: broadcasts to (…, L, S); boolean (True: may attend) or floating
                (added to the scores).
            is_causal: query i attends to the keys 0 … i only.
        Returns:
            output, shape (…, L, Ev), and weights, shape (…, L, S).
        Raises:
            ValueError: the shapes don't fit, or is_causal and a mask, whatever it holds, are given.
            TypeError: the mask is neither boolean nor floating.
        Math: weights = softmax(Q Kᵀ / √E + mask), output = weights V.
        """
        ### BEGIN SOLUTION check the inputs; scores, mask, weights, output; keep what backward needs
        check_shapes(query, key, value)
        if is_causal and attn_mask is not None:
            raise ValueError("attn_mask and is_causal can't be given together")
        self.scale = 1 / math.sqrt(query.shape[-1])
        scores = (query * self.scale) @ key.swapaxes(-2, -1)  # (…, L, S)
        if is_causal:
            attn_mask = np.tri(*scores.shape[-2:], dtype=np.bool_)
        if attn_mask is not None:
            check_mask(attn_mask, scores.shape)
            scores = apply_mask(scores, attn_mask)
        weights = softmax(scores)
        self.query, self.key, self.value, self.weights = query, key, value, weights
        return weights @ value, weights
        ### END SOLUTION

    def backward(self, grad_out: Array) -> tuple[Array, Array, Array]:
        """Gradients of the loss with respect to query, key and value.

        Args:
            grad_out: dL/d(output), shape (…, L, Ev).
        Returns:
            dL/d(query), shape (…, L, E), dL/d(key), shape (…, S, E), and dL/d(value), shape
            (…, S, Ev).
        Raises:
            ValueError: grad_out has another shape than the output.
        Math: with P the weights and G = dL/d(output),
            dV = Pᵀ G,    dP = G Vᵀ,    dS = P ⊙ (dP - Σⱼ dPⱼ Pⱼ),
            dQ = dS K / √E,    dK = dSᵀ Q / √E.
        """
        ### BEGIN SOLUTION check the shape, go back through output, softmax, scores and scale
        require_shape("grad_out", grad_out, (*self.weights.shape[:-1], self.value.shape[-1]))
        grad_value = self.weights.swapaxes(-2, -1) @ grad_out
        grad_weights = grad_out @ self.value.swapaxes(-2, -1)
        # A softmax row: dsⱼ = pⱼ (dpⱼ - Σₖ dpₖ pₖ). Where the mask made p = 0, ds = 0 too.
        row_sum = (grad_weights * self.weights).sum(axis=-1, keepdims=True)
        grad_scores = self.weights * (grad_weights - row_sum) * self.scale
        grad_query = grad_scores @ self.key
        grad_key = grad_scores.swapaxes(-2, -1) @ self.query
        return grad_query, grad_key, grad_value
        ### END SOLUTION
