"""Scaled dot-product attention: every query takes a weighted mean of the values.

scores = Q Kᵀ / √E,    weights = softmax(scores + mask),    output = weights V
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module


def check_shapes(query: Array, key: Array, value: Array) -> None:
    """Raise ValueError unless query (…, L, E), key (…, S, E) and value (…, S, Ev) fit."""
    shapes = f"query {query.shape}, key {key.shape}, value {value.shape}"
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise ValueError(f"attention: each input needs 2 or more axes: {shapes}")
    if not query.shape[:-2] == key.shape[:-2] == value.shape[:-2]:
        raise ValueError(f"attention: the leading axes differ: {shapes}")
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(f"attention: query and key differ in their last axis E: {shapes}")
    if key.shape[-2] != value.shape[-2]:
        raise ValueError(f"attention: key and value differ in their length S: {shapes}")


def check_mask(attn_mask: Array, shape: tuple[int, ...]) -> None:
    """Raise unless the mask is boolean or floating and broadcasts to the scores' shape."""
    if attn_mask.dtype != np.bool_ and not np.issubdtype(attn_mask.dtype, np.floating):
        raise TypeError(f"attention: a mask is boolean or floating, not {attn_mask.dtype}")
    fits = attn_mask.ndim <= len(shape) and all(
        own in (1, length) for own, length in zip(attn_mask.shape[::-1], shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"attention: mask of shape {attn_mask.shape} doesn't broadcast to the scores {shape}"
        )


def apply_mask(scores: Array, attn_mask: Array) -> Array:
    """The scores after the mask.

    Args:
        scores: (…, L, S).
        attn_mask: broadcasts to the scores. Boolean: True where the query may attend to
            the key. Floating: added to the scores.
    Returns:
        (…, L, S), in the dtype of the scores; -∞ where a boolean mask is False.
    """
    # TODO turn a boolean mask into one to add; keep the dtype of the scores
    raise NotImplementedError("week_6/attention.py: apply_mask")


def softmax(scores: Array) -> Array:
    """Softmax over the last axis; a row that is -∞ throughout becomes zeros.

    Math: softmax(s)ⱼ = exp(sⱼ - m) / Σₖ exp(sₖ - m) for any m; m = max(s) keeps exp ≤ 1.
    """
    # TODO exponentials, safe for large scores and for fully masked rows
    raise NotImplementedError("week_6/attention.py: softmax")


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
        """Attend.

        Args:
            query: (…, L, E).
            key: (…, S, E).
            value: (…, S, Ev).
            attn_mask: broadcasts to (…, L, S); boolean (True: may attend) or floating
                (added to the scores).
            is_causal: query i attends to the keys 0 … i only.
        Returns:
            The output (…, L, Ev) and the weights (…, L, S).
        Raises:
            ValueError: the shapes don't fit, or both a mask and is_causal are given.
            TypeError: the mask is neither boolean nor floating.
        Math: weights = softmax(Q Kᵀ / √E + mask), output = weights V.
        """
        # TODO check the inputs; scores, mask, weights, output; keep what backward needs
        raise NotImplementedError("week_6/attention.py: ScaledDotProductAttention.forward")

    def backward(self, grad_out: Array) -> tuple[Array, Array, Array]:
        """Gradients of the loss with respect to query, key and value.

        Args:
            grad_out: dL/d(output), shape (…, L, Ev).
        Returns:
            dL/d(query) (…, L, E), dL/d(key) (…, S, E), dL/d(value) (…, S, Ev).
        Math: with P the weights and G = dL/d(output),
            dV = Pᵀ G,    dP = G Vᵀ,    dS = P ∘ (dP - Σⱼ dPⱼ Pⱼ),
            dQ = dS K / √E,    dK = dSᵀ Q / √E.
        """
        # TODO go back through the output, the softmax, the scores and their scale
        raise NotImplementedError("week_6/attention.py: ScaledDotProductAttention.backward")
