"""The softmax backward as a product with the Jacobian diag(p) - p pᵀ of every row; the scale goes into the query."""

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
        additive = np.zeros(attn_mask.shape, dtype=scores.dtype)
        additive[np.logical_not(attn_mask)] = -np.inf
    else:
        additive = attn_mask.astype(scores.dtype)
    return scores + additive


def softmax(scores: Array) -> Array:
    with np.errstate(invalid="ignore"):
        e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        p = e / np.sum(e, axis=-1, keepdims=True)
    p[np.isneginf(scores).all(axis=-1)] = 0
    return p


def _swap(array: Array) -> Array:
    return array.swapaxes(-1, -2)


class ScaledDotProductAttention(Module):
    def forward(self, query, key, value, attn_mask=None, is_causal=False):
        check_shapes(query, key, value)
        root = math.sqrt(query.shape[-1])
        self._query, self._key, self._value = query / root, key, value
        scores = self._query @ _swap(key)
        if attn_mask is not None:
            if is_causal:
                raise ValueError("both attn_mask and is_causal were given: choose one")
            check_mask(attn_mask, scores.shape)
            scores = apply_mask(scores, attn_mask)
        elif is_causal:
            scores[..., np.triu(np.ones(scores.shape[-2:], dtype=bool), k=1)] = -np.inf
        self._root, self._weights = root, softmax(scores)
        output = self._weights @ value
        self._shape = output.shape
        return output, self._weights.copy()

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, self._shape)
        p = self._weights
        eye = np.eye(p.shape[-1], dtype=p.dtype)
        jacobian = p[..., :, None] * eye - p[..., :, None] * p[..., None, :]
        d_weights = grad_out @ _swap(self._value)
        d_scores = (jacobian @ d_weights[..., None]).squeeze(-1)
        return (
            d_scores @ self._key / self._root,
            _swap(d_scores) @ self._query,
            _swap(p) @ grad_out,
        )
