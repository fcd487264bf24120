"""Lookup by np.take, gradient as a product with a one-hot matrix."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class Embedding(Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, rng=None):
        if padding_idx is not None:
            if padding_idx not in range(-num_embeddings, num_embeddings):
                raise ValueError(f"padding_idx {padding_idx} is no row of {num_embeddings}")
            padding_idx %= num_embeddings
        self.num_embeddings, self.embedding_dim = num_embeddings, embedding_dim
        self.padding_idx = padding_idx
        rng = rng or np.random.default_rng()
        table = rng.normal(size=(num_embeddings, embedding_dim))
        if padding_idx is not None:
            table[padding_idx] = 0
        self.weight = Parameter(table)

    def forward(self, ids: Array) -> Array:
        if not np.issubdtype(ids.dtype, np.integer):
            raise TypeError(f"ids must be integers, not {ids.dtype}")
        if np.any(ids < 0) or np.any(ids >= self.num_embeddings):
            raise IndexError(f"ids must be in [0, {self.num_embeddings})")
        self.ids = ids
        return np.take(self.weight.data, ids, axis=0)

    def backward(self, grad_out: Array) -> None:
        require_shape("grad_out", grad_out, (*self.ids.shape, self.embedding_dim))
        one_hot = np.arange(self.num_embeddings)[:, None] == self.ids.ravel()
        if self.padding_idx is not None:
            one_hot[self.padding_idx] = False
        g = grad_out.reshape(self.ids.size, self.embedding_dim)
        self.weight.grad += one_hot.astype(g.dtype) @ g
