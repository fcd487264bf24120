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
        # TODO draw the table, set the row of padding_idx to zero
        raise NotImplementedError("week_3/embedding.py: Embedding.__init__")

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
        # TODO check the ids, keep them, take their rows
        raise NotImplementedError("week_3/embedding.py: Embedding.forward")

    def backward(self, grad_out: Array) -> None:
        """Adds to weight.grad; ids are integers and have no gradient, so nothing is returned.

        Args:
            grad_out: dL/dy, shape (…, D).
        Raises:
            ValueError: grad_out has another shape than y.
        Math: dW[k] = Σ g[n] over all positions n with ids[n] = k, and 0 for padding_idx.
        """
        # TODO check the shape, sum the gradients of all positions with the same id
        raise NotImplementedError("week_3/embedding.py: Embedding.backward")
