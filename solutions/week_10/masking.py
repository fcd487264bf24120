"""Masked language modelling: hide tokens of a text, and be judged by the hidden ones alone.

    the cat sat on the mat   →   the [MASK] sat on the mat,   labels: - cat - - - -

Nobody has to say what is right: the text does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape
from week_1.losses import CrossEntropyLoss

IGNORED = -100  # the label of a position that isn't asked for, as in torch


def mask_tokens(
    ids: Array,
    vocab_size: int,
    mask_id: int,
    rng: np.random.Generator,
    special_ids: Sequence[int] = (),
    probability: float = 0.15,
) -> tuple[Array, Array]:
    """Hide some tokens: each position is chosen by itself, with the given probability.

    Of the chosen positions 80 % get `mask_id`, 10 % a random token and 10 % keep theirs. A random
    token is any of the vocabulary but mask_id and the special ones, the one that stood there too,
    each as probable as another.

    Args:
        ids: integers, any shape. They are not changed.
        vocab_size: V; the tokens are 0 … V - 1.
        mask_id: the token that stands for a hidden one.
        rng: the only source of chance: the same state gives the same answer.
        special_ids: tokens that are never chosen, such as padding.
        probability: of a position that isn't special to be chosen.
    Returns:
        inputs: what the model gets, the shape and dtype of ids.
        labels: the token of ids where a position was chosen, IGNORED everywhere else; int64.
    Raises:
        TypeError: the ids are not integers.
        IndexError: an id is negative, or V or more.
        ValueError: the probability is outside [0, 1].
    Source: Devlin et al., "BERT" (2019), section 3.1.
    """
    ### BEGIN SOLUTION check, choose, then draw what becomes of each chosen position
    if not np.issubdtype(ids.dtype, np.integer):
        raise TypeError(f"ids must be integers, not {ids.dtype}")
    if ((ids < 0) | (ids >= vocab_size)).any():
        raise IndexError(f"ids must be from 0 to {vocab_size - 1}: {ids.min()} to {ids.max()}")
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must be in [0, 1], not {probability}")
    chosen = (rng.random(ids.shape) < probability) & ~np.isin(ids, special_ids)
    labels = np.where(chosen, ids.astype(np.int64), IGNORED)
    ordinary = np.setdiff1d(np.arange(vocab_size), [mask_id, *special_ids])
    fate = rng.random(ids.shape)  # a second draw: the first is small wherever it chose
    inputs = np.where(chosen & (fate < 0.8), mask_id, ids)
    replaced = chosen & (fate >= 0.9)
    inputs[replaced] = rng.choice(ordinary, np.count_nonzero(replaced))
    return inputs, labels
    ### END SOLUTION


class MaskedCrossEntropyLoss(Module):
    """The mean of week 1's cross-entropy over the positions that have a label.

    Parity: torch.nn.CrossEntropyLoss with its ignore_index of -100, on rows of logits. Without any
        label torch returns NaN; here that is an error.
    """

    def __init__(self) -> None:
        self.loss = CrossEntropyLoss()

    def forward(self, input: Array, target: Array) -> float:
        """The loss of all labelled positions of a batch.

        Args:
            input: logits, shape (…, V).
            target: labels, integers of any dtype, shape (…): a token in 0 … V - 1, or IGNORED.
        Returns:
            The loss, one number.
        Raises:
            ValueError: the shapes don't fit, no position has a label, or a label is neither a token
                nor IGNORED.
            ValueError or TypeError: the labels are not integers.
        Math: L = -(1 / M) Σ log softmax(xₘ)[labelₘ] over the M positions with a label.
        """
        ### BEGIN SOLUTION keep where the labels are, hand those rows to the loss
        require_shape("target", target, input.shape[:-1])
        self.shape, self.labelled = input.shape, target != IGNORED
        if not self.labelled.any():
            raise ValueError(f"no position of {target.shape} has a label: nothing was masked")
        return self.loss.forward(input[self.labelled], target[self.labelled])
        ### END SOLUTION

    def backward(self, grad_out: float = 1.0) -> Array:
        """Gradient of the loss with respect to the logits.

        Args:
            grad_out: dL/d(this loss), one number; 1 if nothing comes after.
        Returns:
            dL/d(input), shape (…, V): zero wherever there is no label.
        Raises:
            ValueError: grad_out is not one number.
        """
        ### BEGIN SOLUTION the loss's gradient in the rows that it got, zeros elsewhere
        rows = self.loss.backward(grad_out)
        grad = np.zeros(self.shape, rows.dtype)
        grad[self.labelled] = rows
        return grad
        ### END SOLUTION
