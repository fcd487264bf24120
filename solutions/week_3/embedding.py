"""Embedding: a table with one learned vector per token id."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module, Parameter


class Embedding(Module):
    """Looks up one row of a table for every id.

    Args:
        num_embeddings: number V of rows, the ids are 0 ... V - 1.
        embedding_dim: length D of a row.
        padding_idx: id whose row starts at zero and never gets a gradient; negative ones
            count from the end of the table.
        rng: source of the initial weights.
    Attributes:
        weight: the table, shape (V, D), drawn from N(0, 1).
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
        ### BEGIN SOLUTION draw the table, set the row of padding_idx to zero
        rng = rng or np.random.default_rng()
        table = rng.standard_normal((num_embeddings, embedding_dim))
        self.padding_idx: int | None = None
        if padding_idx is not None:
            if not -num_embeddings <= padding_idx < num_embeddings:
                raise ValueError(
                    f"Embedding: padding_idx {padding_idx} is not in a table of {num_embeddings}"
                )
            self.padding_idx = padding_idx % num_embeddings
            table[self.padding_idx] = 0.0
        self.weight = Parameter(table)
        ### END SOLUTION

    def forward(self, ids: Array) -> Array:
        """The row of every id.

        Args:
            ids: integers in [0, V), any shape (…).
        Returns:
            shape (…, D), the dtype of the table.
        Raises:
            TypeError: the ids are not integers.
            IndexError: an id is negative, or V or more.
        Math: y[…] = W[ids[…]].    Parity: torch.nn.Embedding.
        """
        ### BEGIN SOLUTION check the ids, keep them, take their rows
        ids = np.asarray(ids)
        if not np.issubdtype(ids.dtype, np.integer):
            raise TypeError(f"Embedding: ids must be integers, but are {ids.dtype}")
        rows = len(self.weight.data)
        # NumPy would take negative ids as counted from the end; an id has no such meaning.
        if ids.size and (ids.min() < 0 or ids.max() >= rows):
            raise IndexError(f"Embedding: ids {ids.min()} ... {ids.max()} are not in [0, {rows})")
        self.ids = ids
        return self.weight.data.take(ids, axis=0)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> None:
        """Adds to weight.grad; ids are integers and have no gradient, so nothing is returned.

        Args:
            grad_out: dL/dy, shape (…, D).
        Raises:
            ValueError: grad_out has another shape than the output.
        Math: dW[k] = Σ g[n] over all positions n with ids[n] = k, and 0 for padding_idx.
        Parity: torch.nn.Embedding.
        """
        ### BEGIN SOLUTION sum the gradients of all positions that took the same row
        rows, dim = self.weight.data.shape
        if grad_out.shape != (*self.ids.shape, dim):
            raise ValueError(
                f"Embedding: grad_out has shape {grad_out.shape}, not {(*self.ids.shape, dim)}"
            )
        # add.at adds once per index, also where indices repeat. It is several times faster on
        # one axis, so: entry (k, d) of the table is entry k·D + d of the flattened table.
        flat = self.ids[..., np.newaxis] * dim + np.arange(dim)
        sums = np.zeros(rows * dim, dtype=grad_out.dtype)
        np.add.at(sums, flat.ravel(), grad_out.ravel())
        grad_weight = sums.reshape(rows, dim)
        if self.padding_idx is not None:
            grad_weight[self.padding_idx] = 0.0
        self.weight.grad += grad_weight
        ### END SOLUTION
