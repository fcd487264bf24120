"""MultiHeadAttention, week 7."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from week_1.linear import Linear
from week_6.attention import ScaledDotProductAttention

SPLIT = "...td,hed->...hte"  # features d of a token to features e of every head h


def as_bias(name: str, mask: Array, shapes: list[tuple[int, ...]]) -> Array:
    """A mask in one of these shapes, as numbers to add."""
    if mask.shape not in shapes:
        raise ValueError(f"{name} is {mask.shape}, expected one of {shapes}")
    if mask.dtype.kind not in "bf":
        raise TypeError(f"{name} holds {mask.dtype}: make it boolean, or floating to be added")
    return np.where(mask, -np.inf, 0.0) if mask.dtype.kind == "b" else mask


class MultiHeadAttention(Module):
    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        if num_heads <= 0 or embed_dim % num_heads != 0:
            raise ValueError(f"{num_heads} heads can't share {embed_dim} features")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        rng = rng or np.random.default_rng()
        self.attention = ScaledDotProductAttention()
        limit = np.sqrt(1.5 / embed_dim)
        self.in_proj_weight = Parameter(rng.uniform(-limit, limit, size=(3 * embed_dim, embed_dim)))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim)) if bias else None
        self.out_proj = Linear(embed_dim, embed_dim, bias=bias, rng=rng)
        if self.out_proj.bias is not None:
            self.out_proj.bias.data[:] = 0.0

    def per_head(self) -> Array:
        """The weights as (3, H, E, D): for queries, keys and values, those of every head."""
        return self.in_proj_weight.data.reshape(3, self.num_heads, -1, self.embed_dim)

    def split_heads(self, x: Array) -> Array:
        width = self.embed_dim // self.num_heads
        return np.stack([x[..., i : i + width] for i in range(0, self.embed_dim, width)], axis=-3)

    def join_heads(self, x: Array) -> Array:
        return np.concatenate([x[..., head, :, :] for head in range(self.num_heads)], axis=-1)

    def merge_masks(
        self, scores: tuple[int, ...], key_padding_mask: Array | None, attn_mask: Array | None
    ) -> Array | None:
        *batch, heads, queries, keys = scores
        if key_padding_mask is None and attn_mask is None:
            return None
        total = np.zeros(scores)
        if attn_mask is not None:
            stacked = (int(np.prod([*batch, heads])), queries, keys)
            added = as_bias("attn_mask", attn_mask, [(queries, keys), stacked])
            total = total + (added.reshape(scores) if added.ndim == 3 else added)
        if key_padding_mask is not None:
            allowed = key_padding_mask  # as in week 6: True where one may look
            allowed = ~allowed if allowed.dtype.kind == "b" else allowed
            padding = as_bias("key_padding_mask", allowed, [(*batch, keys)])
            total = total + np.expand_dims(padding, (-3, -2))
        return total

    def forward(
        self,
        query: Array,
        key: Array,
        value: Array,
        key_padding_mask: Array | None = None,
        need_weights: bool = True,
        attn_mask: Array | None = None,
        average_attn_weights: bool = True,
    ) -> tuple[Array, Array | None]:
        batch, depth = query.shape[:-2], self.embed_dim
        if query.shape[-1:] != (depth,) or 0 in (query.size, key.size):
            raise ValueError(f"a query of shape {query.shape}, not (..., L, {depth})")
        if key.shape != value.shape or key.shape != (*batch, key.shape[-2], depth):
            raise ValueError(f"key {key.shape} and value {value.shape} for the query {query.shape}")
        self.inputs = (query, key, value)
        heads = [np.einsum(SPLIT, x, w) for x, w in zip(self.inputs, self.per_head(), strict=True)]
        if self.in_proj_bias is not None:
            biases = self.in_proj_bias.data.reshape(3, self.num_heads, 1, -1)
            heads = [head + bias for head, bias in zip(heads, biases, strict=True)]
        scores = (*heads[0].shape[:-1], key.shape[-2])
        mask = self.merge_masks(scores, key_padding_mask, attn_mask)
        found, weights = self.attention(*heads, mask)
        output = self.out_proj(self.join_heads(found))
        if need_weights:
            return output, (
                weights.sum(axis=-3) if average_attn_weights else weights
            )
        return output, None

    def backward(self, grad_out: Array) -> tuple[Array, Array, Array]:
        grads = self.attention.backward(self.split_heads(self.out_proj.backward(grad_out)))
        weight_grads, bias_grads, input_grads = [], [], []
        for x, weight, grad in zip(self.inputs, self.per_head(), grads, strict=True):
            every = tuple(range(grad.ndim - 3))
            weight_grads.append(np.einsum("...td,...hte->...hed", x, grad).sum(axis=every))
            bias_grads.append(grad.sum(axis=(*every, -2)))
            input_grads.append(np.einsum("...hte,hed->...td", grad, weight))
        self.in_proj_weight.grad = self.in_proj_weight.grad + np.reshape(
            weight_grads, self.in_proj_weight.data.shape
        )
        if self.in_proj_bias is not None:
            self.in_proj_bias.grad = self.in_proj_bias.grad + np.ravel(bias_grads)
        return tuple(input_grads)
