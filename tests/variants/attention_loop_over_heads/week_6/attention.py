"""Leading axes joined to one and a loop over it, with two-dimensional products; results as named tuples."""

from __future__ import annotations

from collections import namedtuple

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape

Attended = namedtuple("Attended", "output weights")
Gradients = namedtuple("Gradients", ["query", "key", "value"])


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
    masked = scores.copy()
    if attn_mask.dtype == np.bool_:
        masked[~np.broadcast_to(attn_mask, scores.shape)] = -np.inf
    else:
        masked += attn_mask
    return masked


def softmax(scores: Array) -> Array:
    result = np.zeros_like(scores)
    seen = np.isfinite(scores).any(axis=-1)  # the rows that may see anything
    rows = scores[seen]
    e = np.exp(rows - rows.max(axis=-1, keepdims=True, initial=np.finfo(rows.dtype).min))
    result[seen] = e / e.sum(axis=-1, keepdims=True)
    return result


class ScaledDotProductAttention(Module):
    def _flat(self, array: Array) -> Array:
        return array.reshape(-1, *array.shape[-2:])

    def forward(
        self,
        query: Array,
        key: Array,
        value: Array,
        attn_mask: Array | None = None,
        is_causal: bool = False,
    ) -> Attended:
        check_shapes(query, key, value)
        if is_causal and attn_mask is not None:
            raise ValueError("attn_mask together with is_causal")
        leading, length, size = query.shape[:-2], query.shape[-2], key.shape[-2]
        shape = (*leading, length, size)
        if is_causal:
            attn_mask = np.tri(length, size, dtype=bool)
        if attn_mask is not None:
            check_mask(attn_mask, shape)
            attn_mask = self._flat(np.broadcast_to(attn_mask, shape))
        self.inputs = [self._flat(array) for array in (query, key, value)]
        self.shapes = query.shape, key.shape, value.shape
        self.root = float(query.shape[-1]) ** 0.5
        self.weights, outputs = [], []
        for head, (q, k, v) in enumerate(zip(*self.inputs, strict=True)):
            scores = q @ k.T / self.root
            if attn_mask is not None:
                scores = apply_mask(scores, attn_mask[head])
            self.weights.append(softmax(scores))
            outputs.append(self.weights[-1] @ v)
        self.out_shape = (*leading, length, value.shape[-1])
        return Attended(
            np.array(outputs, query.dtype).reshape(self.out_shape),
            np.array(self.weights, query.dtype).reshape(shape),
        )

    def backward(self, grad_out: Array) -> Gradients:
        require_shape("grad_out", grad_out, self.out_shape)
        grads = [], [], []
        for q, k, v, p, g in zip(*self.inputs, self.weights, self._flat(grad_out), strict=True):
            dp = g @ v.T
            ds = p * (dp - (dp * p).sum(axis=1, keepdims=True)) / self.root
            for collected, grad in zip(grads, (ds @ k, ds.T @ q, p.T @ g), strict=True):
                collected.append(grad)
        return Gradients(*(np.array(g).reshape(s) for g, s in zip(grads, self.shapes, strict=True)))
