"""The encoder of a Transformer: every position of a sequence looks at all the others.

    post-norm:  x ← norm(x + sublayer(x))        pre-norm:  x ← x + sublayer(norm(x))

A layer has two sublayers: attention of the sequence to itself, then a network of two Linear
layers that is applied to each position alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
from given.activations import GELU
from given.module import Array, Module, Sequential
from week_1.activations import ReLU
from week_1.linear import Linear
from week_3.dropout import Dropout
from week_5.normalization import LayerNorm
from week_7.multi_head_attention import MultiHeadAttention

ACTIVATIONS = {"relu": ReLU, "gelu": GELU}


def make_dropout(p: float, rng: np.random.Generator) -> Module:
    """Dropout; with p = 0 a module that does nothing, and draws no random numbers for it."""
    return Dropout(p, rng) if p else Sequential()


def copies(layer: TransformerLayer, number: int) -> list[TransformerLayer]:
    """That many layers with the values of this one and parameters of their own.

    All of them draw their dropout from the one generator of the layer, or they would all drop the
    same entries.
    """
    if number < 1:
        raise ValueError(f"num_layers must be at least 1, not {number}")
    return [copy.deepcopy(layer, {id(layer.rng): layer.rng}) for _ in range(number)]


class TransformerLayer(Module):
    """What layers of the encoder and of the decoder have in common.

    Args:
        d_model: D, the number of features.
        nhead: H, the number of heads, which divides D.
        dim_feedforward: F, the width of the network between its two Linear layers.
        dropout: probability of dropping an entry, after every sublayer and within the network.
        activation: "relu" or "gelu", within the network.
        layer_norm_eps: ε of the layer norms.
        norm_first: whether the norm comes before its sublayer (pre-norm) or after the sum.
        rng: source of the initial weights and of dropout; None takes a fresh generator.
    Raises:
        ValueError: H doesn't divide D, dropout is outside [0, 1], or the activation is another.
    """

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        layer_norm_eps: float = 1e-5,
        norm_first: bool = False,
        rng: np.random.Generator | None = None,
    ) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {[*ACTIVATIONS]}, not {activation!r}")
        self.rng = rng = rng or np.random.default_rng()
        self.norm_first = norm_first
        self.self_attn = MultiHeadAttention(d_model, nhead, rng=rng)
        self.linear1 = Linear(d_model, dim_feedforward, rng=rng)
        self.activation = ACTIVATIONS[activation]()
        self.dropout = make_dropout(dropout, rng)
        self.linear2 = Linear(dim_feedforward, d_model, rng=rng)
        self.norm1, self.dropout1 = LayerNorm(d_model, layer_norm_eps), make_dropout(dropout, rng)
        self.norm2, self.dropout2 = LayerNorm(d_model, layer_norm_eps), make_dropout(dropout, rng)

    def feed_forward(self, x: Array) -> Array:
        """The network of two Linear layers, at each position alone.

        Args:
            x: shape (…, D).
        Returns:
            Shape (…, D).
        Math: dropout(act(x W₁ᵀ + b₁)) W₂ᵀ + b₂.
        """
        # TODO linear1, activation, dropout, linear2
        raise NotImplementedError("week_7/encoder.py: TransformerLayer.feed_forward")

    def feed_forward_backward(self, grad_out: Array) -> Array:
        """Gradient of the network's input.

        Args:
            grad_out: dL/d(output of feed_forward), shape (…, D).
        Returns:
            dL/dx, shape (…, D).
        """
        # TODO the same modules in reverse
        raise NotImplementedError("week_7/encoder.py: TransformerLayer.feed_forward_backward")

    def connect(
        self, x: Array, sublayer: Callable[[Array], Array], norm: Module, dropout: Module
    ) -> Array:
        """A sublayer with its shortcut, its norm and its dropout.

        Args:
            x: shape (…, D).
            sublayer: a function from (…, D) to (…, D).
            norm, dropout: those of this sublayer.
        Returns:
            Shape (…, D).
        Math: x + dropout(sublayer(norm(x))) if norm_first, else norm(x + dropout(sublayer(x))).
        """
        # TODO one line for each of the two orders
        raise NotImplementedError("week_7/encoder.py: TransformerLayer.connect")

    def connect_backward(
        self, grad_out: Array, backward: Callable[[Array], Array], norm: Module, dropout: Module
    ) -> Array:
        """Gradient of what connect was given as x.

        Args:
            grad_out: dL/d(output of connect), shape (…, D).
            backward: from the gradient of the sublayer's output to that of its input.
            norm, dropout: those of this sublayer.
        Returns:
            dL/dx, shape (…, D).
        Math: x reaches the output over two paths, so their gradients add up.
        """
        # TODO the steps of connect in reverse, for each of the two orders
        raise NotImplementedError("week_7/encoder.py: TransformerLayer.connect_backward")

    def attend_to_self(self, x: Array, mask: Array | None, padding: Array | None) -> Array:
        """Attention of x to itself.

        Args:
            x: shape (…, T, D).
            mask: the attn_mask of MultiHeadAttention.
            padding: its key_padding_mask.
        Returns:
            Shape (…, T, D).
        """
        # TODO x is query, key and value; nobody needs the weights
        raise NotImplementedError("week_7/encoder.py: TransformerLayer.attend_to_self")

    def attend_to_self_backward(self, grad_out: Array) -> Array:
        """Gradient of the x that attended to itself.

        Args:
            grad_out: dL/d(output of attend_to_self), shape (…, T, D).
        Returns:
            dL/dx, shape (…, T, D).
        """
        # TODO x came in as query, as key and as value
        raise NotImplementedError("week_7/encoder.py: TransformerLayer.attend_to_self_backward")


class TransformerEncoderLayer(TransformerLayer):
    """Attention of the sequence to itself, then the network of two Linear layers.

    Args: those of TransformerLayer.
    Parity: torch.nn.TransformerEncoderLayer with batch_first=True; its bias=False is left out, and
        the dropout of the attention's weights.
    """

    def forward(
        self, src: Array, src_mask: Array | None = None, src_key_padding_mask: Array | None = None
    ) -> Array:
        """The two sublayers, one after the other.

        Args:
            src: shape (…, S, D): a batch (N, S, D), as a rule.
            src_mask: shape (S, S) or (N H, S, S), True (or -∞) where a query must not look.
            src_key_padding_mask: shape (…, S), True (or -∞) where a key is padding.
        Returns:
            Shape (…, S, D).
        Raises:
            ValueError: src or a mask doesn't fit, or the sequence is empty.
            TypeError: a mask is neither boolean nor floating.
        """
        # TODO connect attention with norm1 and dropout1, feed_forward with the others
        raise NotImplementedError("week_7/encoder.py: TransformerEncoderLayer.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of src; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(output), shape (…, S, D).
        Returns:
            dL/d(src), shape (…, S, D).
        Raises:
            ValueError: grad_out has another shape than the output.
        """
        # TODO the two sublayers in reverse
        raise NotImplementedError("week_7/encoder.py: TransformerEncoderLayer.backward")


class TransformerEncoder(Module):
    """A stack of encoder layers, with a norm behind the last.

    Args:
        encoder_layer: the layer of which there are copies: equal values, own parameters.
        num_layers: how many, at least 1.
        norm: a LayerNorm behind the last layer, or None.
    Attributes:
        layers: the copies, first to last.
    Raises:
        ValueError: num_layers is below 1.
    Parity: torch.nn.TransformerEncoder.
    """

    def __init__(
        self, encoder_layer: TransformerEncoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        self.layers = copies(encoder_layer, num_layers)
        self.norm = norm

    def forward(
        self, src: Array, mask: Array | None = None, src_key_padding_mask: Array | None = None
    ) -> Array:
        """All layers, then the norm.

        Args:
            src: shape (…, S, D).
            mask, src_key_padding_mask: as for TransformerEncoderLayer; every layer gets them.
        Returns:
            The memory, shape (…, S, D).
        Raises: what TransformerEncoderLayer raises.
        """
        # TODO through every layer with the masks, then through the norm if there is one
        raise NotImplementedError("week_7/encoder.py: TransformerEncoder.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of src; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(memory), shape (…, S, D).
        Returns:
            dL/d(src), shape (…, S, D).
        Raises:
            ValueError: grad_out has another shape than the output.
        """
        # TODO the norm if there is one, then the layers from the last to the first
        raise NotImplementedError("week_7/encoder.py: TransformerEncoder.backward")
