"""Multi-head attention: several attentions side by side, each in a space of its own.

    headₕ = attention(Q Wq,ₕᵀ, K Wk,ₕᵀ, V Wv,ₕᵀ),    output = [head₁ … head_H] Woᵀ + bo

All H heads are one call of week 6's attention, with an axis for the heads.
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape
from week_1.linear import Linear
from week_6.attention import ScaledDotProductAttention


def additive(name: str, mask: Array) -> Array:
    """A mask as numbers to add to the scores.

    Args:
        name: what the message calls the mask.
        mask: boolean (True: must not be seen) or floating (added as it is).
    Returns:
        The shape of the mask, floating.
    Raises:
        TypeError: the mask is neither boolean nor floating.
    """
    if mask.dtype == np.bool_:
        return np.where(mask, -np.inf, 0.0)
    if not np.issubdtype(mask.dtype, np.floating):
        raise TypeError(f"{name} must be boolean or floating, not {mask.dtype}")
    return mask


class MultiHeadAttention(Module):
    """Attention in H subspaces at once, each of D / H features.

    The sequences come batch first. Left out of torch's class: dropout of the weights, `kdim`
    and `vdim` (keys or values with another number of features), `add_bias_kv`, `add_zero_attn`.

    Args:
        embed_dim: D, the number of features, of inputs and output alike.
        num_heads: H, which divides D.
        bias: whether the four projections have a bias.
        rng: source of the initial weights; None takes a fresh generator.
    Attributes:
        in_proj_weight: Wq, Wk and Wv, one below the other, shape (3 D, D), drawn as torch draws
            it: uniform in ±√(6 / (4 D)).
        in_proj_bias: their biases, shape (3 D,), zeros; None without a bias.
        out_proj: Wo and bo, a Linear(D, D) whose bias starts at zero.
        attention: week 6's attention, of all heads at once.
    Raises:
        ValueError: H is below 1 or doesn't divide D.
    Parity: torch.nn.MultiheadAttention with batch_first=True.
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        if num_heads < 1 or embed_dim % num_heads:
            raise ValueError(f"embed_dim {embed_dim} can't be shared evenly by {num_heads} heads")
        self.embed_dim, self.num_heads = embed_dim, num_heads
        rng = rng or np.random.default_rng()
        self.attention = ScaledDotProductAttention()
        # TODO draw self.in_proj_weight; self.in_proj_bias and self.out_proj as above
        raise NotImplementedError("week_7/multi_head_attention.py: MultiHeadAttention.__init__")

    def split_heads(self, x: Array) -> Array:
        """Give every head its own features.

        Args:
            x: shape (…, T, D).
        Returns:
            Shape (…, H, T, D / H): head h has the features h D / H up to (h + 1) D / H.
        """
        # TODO cut the last axis in two, move the axis of the heads before that of time
        raise NotImplementedError("week_7/multi_head_attention.py: MultiHeadAttention.split_heads")

    def join_heads(self, x: Array) -> Array:
        """Put the features of all heads side by side again: the reverse of split_heads.

        Args:
            x: shape (…, H, T, D / H).
        Returns:
            Shape (…, T, D).
        """
        # TODO move the axis of the heads back, join the last two
        raise NotImplementedError("week_7/multi_head_attention.py: MultiHeadAttention.join_heads")

    def merge_masks(
        self, scores: tuple[int, ...], key_padding_mask: Array | None, attn_mask: Array | None
    ) -> Array | None:
        """Both masks as one that is added to the scores of every head.

        Args:
            scores: the shape of the scores, (…, H, L, S).
            key_padding_mask: shape (…, S), for each example; boolean (True: this key is padding)
                or floating (added).
            attn_mask: shape (L, S), for all examples and heads, or (N H, L, S) with N examples;
                boolean (True: must not attend) or floating (added).
        Returns:
            A floating mask that broadcasts to the scores; None if there is no mask.
        Raises:
            ValueError: a mask has another shape.
            TypeError: a mask is neither boolean nor floating.
        """
        # TODO check each mask that is there, make it one to add, add the two
        raise NotImplementedError("week_7/multi_head_attention.py: MultiHeadAttention.merge_masks")

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
        """For every query what its heads find among the values, put together.

        Args:
            query: shape (…, L, D): a batch (N, L, D), as a rule.
            key, value: shape (…, S, D).
            key_padding_mask, attn_mask: as for merge_masks. True means: must *not* be seen.
            need_weights: return the weights too.
            average_attn_weights: of the weights, return the mean over the heads.
        Returns:
            output, shape (…, L, D), and the weights: shape (…, L, S) if averaged, (…, H, L, S) if
            not, None if they aren't needed. A query that may see no key gets weights of zero.
        Raises:
            ValueError: the inputs or the masks don't fit together, or there is no query or key.
            TypeError: a mask is neither boolean nor floating.
        Math: q = Q Wqᵀ + bq, k = K Wkᵀ + bk, v = V Wvᵀ + bv, cut into heads; the heads' attention,
            joined, times Woᵀ, plus bo.
        """
        # TODO check, project, split, attend with the masks, join, project again
        raise NotImplementedError("week_7/multi_head_attention.py: MultiHeadAttention.forward")

    def project(self) -> list[Array]:
        """Queries, keys and values of all heads: self.inputs times their part of in_proj_weight.

        Returns:
            Q Wqᵀ + bq, K Wkᵀ + bk and V Wvᵀ + bv, each of the shape of its input.
        """
        # TODO cut weight and bias in three, one product for each input
        raise NotImplementedError("week_7/multi_head_attention.py: MultiHeadAttention.project")

    def backward(self, grad_out: Array) -> tuple[Array, Array, Array]:
        """Gradients of query, key and value; adds to those of all parameters.

        Args:
            grad_out: dL/d(output), shape (…, L, D).
        Returns:
            dL/d(query), shape (…, L, D), dL/d(key) and dL/d(value), shape (…, S, D). If one array
            was given as all three, its gradient is their sum.
        Raises:
            ValueError: grad_out has another shape than the output.
        Math: back through Wo, join, attention and split gives dq, dk, dv; then dQ = dq Wq,
            dWq = dqᵀ Q, dbq = Σ dq with all batch axes taken as one, and so for K and V.
        """
        # TODO go back step by step; each part of in_proj_weight gets its own gradient
        raise NotImplementedError("week_7/multi_head_attention.py: MultiHeadAttention.backward")
