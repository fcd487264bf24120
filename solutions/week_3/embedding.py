"""Embedding: a table with one learned vector per token id.

    y[…] = W[ids[…]]

A row that was looked up several times gets the sum of the gradients.
"""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class Embedding(Module):
    """Looks up one row of a table for every id.

    Args:
        num_embeddings: V, number of rows: the ids are 0 … V - 1.
        embedding_dim: D, length of a row.
        padding_idx: id whose row starts at zero and never gets a gradient; a negative number
            counts from the end of the table.
        rng: source of the initial weights; None takes a fresh generator.
    Attributes:
        weight: W, the table, shape (V, D), drawn as torch draws it: from N(0, 1).
    Raises:
        ValueError: padding_idx is no row of the table.
    Parity: torch.nn.Embedding.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = rng or np.random.default_rng()
        ### BEGIN SOLUTION draw the table, set the row of padding_idx to zero
        table = rng.standard_normal((num_embeddings, embedding_dim))
        self.padding_idx: int | None = None
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(f"padding_idx {padding_idx} is none of {num_embeddings} rows")
            self.padding_idx = padding_idx % num_embeddings
            table[self.padding_idx] = 0.0
        self.weight = Parameter(table)
        ### END SOLUTION

    def forward(self, ids: Array) -> Array:
        """The row of every id.

        Args:
            ids: integers in [0, V), any shape (…), also without any id.
        Returns:
            y, shape (…, D), the dtype of the table.
        Raises:
            TypeError: the ids are not integers (truth values aren't either).
            IndexError: an id is negative, or V or more.
        Math: y[…] = W[ids[…]].
        """
        ### BEGIN SOLUTION check the ids, keep them, take their rows
        if not np.issubdtype(ids.dtype, np.integer):
            raise TypeError(f"ids must be integers, not {ids.dtype}")
        # NumPy would take negative ids as counted from the end; an id has no such meaning.
        # Ids that are too large it refuses itself, with an IndexError.
        if (ids < 0).any():
            raise IndexError(f"id {ids.min()} is negative")
        self.ids = ids
        return self.weight.data.take(ids, axis=0)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> None:
        """Adds to weight.grad; ids are integers and have no gradient, so nothing is returned.

        Args:
            grad_out: dL/dy, shape (…, D).
        Raises:
            ValueError: grad_out has another shape than y.
        Math: dW[k] = Σ g[n] over all positions n with ids[n] = k, and 0 for padding_idx.
        """
        ### BEGIN SOLUTION check the shape, sum the gradients of all positions with the same id
        rows, dim = self.weight.data.shape
        require_shape("grad_out", grad_out, (*self.ids.shape, dim))
        # np.add.at(table, ids, grad_out) adds for every id, also where ids repeat. On one axis
        # it is over four times as fast, so: entry (k, d) of the table is entry k·D + d of the
        # flattened table. That number may be too large for the dtype of the ids.
        flat = self.ids[..., None].astype(np.intp) * dim + np.arange(dim)
        sums = np.zeros(rows * dim)
        # Of equal dtypes it is forty times as fast.
        np.add.at(sums, flat.ravel(), grad_out.astype(sums.dtype).ravel())
        grad_weight = sums.reshape(rows, dim)
        if self.padding_idx is not None:
            grad_weight[self.padding_idx] = 0.0
        self.weight.grad += grad_weight
        ### END SOLUTION
