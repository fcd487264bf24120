"""einsum for all four products; boolean masks by np.where; the causal mask from two aranges."""

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
    if attn_mask.dtype == bool:
        return np.where(attn_mask, scores, -np.inf)
    return np.add(scores, attn_mask, dtype=scores.dtype, casting="same_kind")


def softmax(scores: Array) -> Array:
    top = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isneginf(top), 0, top))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


class ScaledDotProductAttention(Module):
    def forward(self, query, key, value, attn_mask=None, is_causal=False):
        check_shapes(query, key, value)
        self.scale = 1 / math.sqrt(query.shape[-1])
        scores = np.einsum("...le,...se->...ls", query, key) * self.scale
        if is_causal:
            if attn_mask is not None:
                raise ValueError("give a mask or is_causal, not both")
            length, size = scores.shape[-2:]
            attn_mask = np.arange(length)[:, None] >= np.arange(size)
        if attn_mask is not None:
            check_mask(attn_mask, scores.shape)
            scores = apply_mask(scores, attn_mask)
        self.q, self.k, self.v, self.p = query, key, value, softmax(scores)
        output = np.einsum("...ls,...sv->...lv", self.p, value)
        self.shape = output.shape
        return output, self.p

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, self.shape)
        dv = np.einsum("...ls,...lv->...sv", self.p, grad_out)
        dp = np.einsum("...lv,...sv->...ls", grad_out, self.v)
        ds = self.p * (dp - np.einsum("...ls,...ls->...l", dp, self.p)[..., None])
        dq = np.einsum("...ls,...se->...le", ds, self.k) * self.scale
        dk = np.einsum("...ls,...le->...se", ds, self.q) * self.scale
        return dq, dk, dv
