"""Gradient by one bincount over (row, column) cells; a new grad array replaces the old one."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class IdError(IndexError):
    def __init__(self, worst: int, rows: int) -> None:
        super().__init__(f"id {worst} is outside the table of {rows} rows")


class Embedding(Module):
    def __init__(self, num_embeddings, embedding_dim, padding_idx=None, rng=None):
        rng = rng or np.random.default_rng()
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"padding_idx must be a row of {num_embeddings}, not {padding_idx}")
        weight = rng.normal(0.0, 1.0, (num_embeddings, embedding_dim))
        if padding_idx is not None:
            weight[padding_idx, :] = 0.0
        self.weight = Parameter(weight)
        self.padding_idx = padding_idx

    def forward(self, ids: Array) -> Array:
        if not isinstance(ids.dtype.type(0), np.integer):
            raise TypeError(f"integers, please, not {ids.dtype}")
        rows = self.weight.data.shape[0]
        outside = ids[(ids < 0) | (ids >= rows)]
        if outside.size:
            raise IdError(int(outside[0]), rows)
        self.ids = ids.copy()
        return self.weight.data[ids, :]

    def backward(self, grad_out: Array) -> None:
        rows, columns = self.weight.data.shape
        require_shape("grad_out", grad_out, self.ids.shape + (columns,))
        cells = self.ids.astype(np.intp)[..., None] * columns + np.arange(columns)
        total = np.bincount(cells.ravel(), grad_out.ravel(), rows * columns)
        total = total.reshape(rows, columns).astype(self.weight.grad.dtype)
        if self.padding_idx is not None:
            total[self.padding_idx] = 0
        self.weight.grad = self.weight.grad + total
