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
        # TODO draw the table, set the row of padding_idx to zero
        raise NotImplementedError("week_3/embedding.py: Embedding.__init__")

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
        # TODO check the ids, keep them, take their rows
        raise NotImplementedError("week_3/embedding.py: Embedding.forward")

    def backward(self, grad_out: Array) -> None:
        """Adds to weight.grad; ids are integers and have no gradient, so nothing is returned.

        Args:
            grad_out: dL/dy, shape (…, D).
        Raises:
            ValueError: grad_out has another shape than the output.
        Math: dW[k] = Σ g[n] over all positions n with ids[n] = k, and 0 for padding_idx.
        Parity: torch.nn.Embedding.
        """
        # TODO sum the gradients of all positions that took the same row
        raise NotImplementedError("week_3/embedding.py: Embedding.backward")
