"""Keeps inputs and mask only, backward computes the weights again; unnormalised weights divided after the product."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape


def check_shapes(query: Array, key: Array, value: Array) -> None:
    require_shape("query", query, (..., "L", "E"))
    *leading, _, depth = query.shape
    require_shape("key", key, (*leading, "S", depth))
    require_shape("value", value, (*leading, key.shape[-2], "Ev"))


def check_mask(attn_mask: Array, shape: tuple[int, ...]) -> None:
    if attn_mask.dtype != np.bool_ and not np.issubdtype(attn_mask.dtype, np.floating):
        raise TypeError(f"attn_mask must be boolean or floating, not {attn_mask.dtype}")
    fits = attn_mask.ndim <= len(shape) and all(
        own in (1, length) for own, length in zip(attn_mask.shape[::-1], shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"attn_mask has shape {attn_mask.shape}, which doesn't broadcast to the scores {shape}"
        )


def apply_mask(scores: Array, attn_mask: Array) -> Array:
    if attn_mask.dtype == np.bool_:
        attn_mask = np.where(attn_mask, 0.0, -np.inf)
    return (scores + attn_mask).astype(scores.dtype)


def _exponentials(scores: Array) -> tuple[Array, Array]:
    top = np.max(scores, axis=-1, keepdims=True)
    top = np.where(top == -np.inf, np.zeros_like(top), top)
    e = np.exp(scores - top)
    total = e.sum(axis=-1, keepdims=True)
    total[total == 0] = 1
    return e, total


def softmax(scores: Array) -> Array:
    e, total = _exponentials(scores)
    return np.divide(e, total)


class ScaledDotProductAttention(Module):
    def _scores(self) -> Array:
        query, key, _, mask = self._kept
        scores = query @ np.swapaxes(key, -1, -2)
        scores /= math.sqrt(query.shape[-1])
        return scores if mask is None else apply_mask(scores, mask)

    def forward(self, query, key, value, attn_mask=None, is_causal=False):
        check_shapes(query, key, value)
        shape = (*query.shape[:-1], key.shape[-2])
        if attn_mask is not None:
            check_mask(attn_mask, shape)
        if is_causal and attn_mask is not None:
            raise ValueError("attn_mask and is_causal exclude each other")
        if is_causal:
            attn_mask = np.tri(*shape[-2:], dtype=query.dtype)
            attn_mask = np.where(attn_mask == 1, 0, -np.inf)
        self._kept = query, key, value, attn_mask
        e, total = _exponentials(self._scores())
        return e @ value / total, e / total

    def backward(self, grad_out):
        query, key, value, _ = self._kept
        require_shape("grad_out", grad_out, (*query.shape[:-1], value.shape[-1]))
        weights = softmax(self._scores())
        d_weights = grad_out @ value.swapaxes(-2, -1)
        d_scores = weights * d_weights
        d_scores -= weights * d_scores.sum(axis=-1, keepdims=True)
        d_scores /= math.sqrt(query.shape[-1])
        d_key = (query.swapaxes(-2, -1) @ d_scores).swapaxes(-2, -1)
        return d_scores @ key, d_key, weights.swapaxes(-2, -1) @ grad_out
