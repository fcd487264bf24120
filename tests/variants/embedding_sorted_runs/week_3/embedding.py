"""Gradient rows sorted by id and summed in runs with np.add.reduceat; padding by a mask of trainable rows."""

from __future__ import annotations

import operator

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class Embedding(Module):
    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = rng or np.random.default_rng()
        self._trainable = np.ones(num_embeddings, dtype=bool)
        if padding_idx is not None:
            try:
                self._trainable[operator.index(padding_idx)] = False
            except IndexError:
                raise ValueError(f"padding_idx={padding_idx}, rows: {num_embeddings}") from None
        values = rng.standard_normal((num_embeddings, embedding_dim))
        self.weight = Parameter(np.where(self._trainable[:, None], values, 0))

    def forward(self, ids: Array) -> Array:
        if ids.dtype.kind not in "iu":
            raise TypeError("an Embedding looks up integers")
        rows = len(self.weight.data)
        if ids.size and not 0 <= ids.min() <= ids.max() < rows:
            raise IndexError(f"ids from {ids.min()} to {ids.max()}, but rows 0 to {rows - 1}")
        self._ids = np.array(ids)
        return self.weight.data[self._ids]

    def backward(self, grad_out: Array) -> None:
        depth = self.weight.data.shape[1]
        require_shape("grad_out", grad_out, (*self._ids.shape, depth))
        flat = self._ids.ravel()
        if flat.size == 0:
            return
        order = np.argsort(flat, kind="stable")
        ids, starts = np.unique(flat[order], return_index=True)
        sums = np.add.reduceat(grad_out.reshape(-1, depth)[order], starts, axis=0)
        learns = self._trainable[ids]
        self.weight.grad[ids[learns]] += sums[learns]
