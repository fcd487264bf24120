"""Weights as exp(scores - logsumexp), the sum from logaddexp.reduce; backward is a closure over copies of the inputs."""

from __future__ import annotations

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
    result = np.empty_like(scores)
    if attn_mask.dtype.kind == "b":
        result.fill(-np.inf)
        np.copyto(result, scores, where=attn_mask)
    else:
        np.add(scores, attn_mask, out=result, casting="same_kind")
    return result


def softmax(scores: Array) -> Array:
    top = np.maximum(scores.max(axis=-1, keepdims=True), np.finfo(scores.dtype).min)
    shifted = scores - top
    log_total = np.logaddexp.reduce(shifted, axis=-1, keepdims=True)
    log_total[np.isneginf(log_total)] = 0
    return np.exp(shifted - log_total)


class ScaledDotProductAttention(Module):
    def forward(self, query, key, value, attn_mask=None, is_causal=False):
        check_shapes(query, key, value)
        if is_causal:
            if attn_mask is not None:
                raise ValueError("is_causal is a mask by itself: no attn_mask beside it")
            attn_mask = np.tril(np.ones((query.shape[-2], key.shape[-2]), dtype=bool))
        q, k, v = (np.array(array) for array in (query, key, value))
        scale = query.shape[-1] ** -0.5
        scores = np.matmul(q, np.moveaxis(k, -1, -2)) * scale
        if attn_mask is not None:
            check_mask(attn_mask, scores.shape)
            scores = apply_mask(scores, attn_mask)
        p = softmax(scores)
        output = np.matmul(p, v)

        def pullback(g):
            require_shape("grad_out", g, output.shape)
            dp = np.matmul(g, np.moveaxis(v, -1, -2))
            # the sum over the keys of dP · P is that over the values of G · output
            inner = np.sum(g * output, axis=-1, keepdims=True)
            ds = scale * p * (dp - inner)
            p_t, ds_t = np.moveaxis(p, -1, -2), np.moveaxis(ds, -1, -2)
            return np.matmul(ds, k), np.matmul(ds_t, q), np.matmul(p_t, g)

        self._pullback = pullback
        return output.copy(), p.copy()

    def backward(self, grad_out):
        return self._pullback(grad_out)
