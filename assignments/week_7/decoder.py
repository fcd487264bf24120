"""The decoder of a Transformer: it writes a sequence, looking at what it wrote and at a memory.

A layer has three sublayers: attention of the target to itself, attention of the target to the
memory (the encoder's output), then the network of two Linear layers.
"""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from week_5.normalization import LayerNorm
from week_7.encoder import TransformerLayer, copies, make_dropout
from week_7.multi_head_attention import MultiHeadAttention


class TransformerDecoderLayer(TransformerLayer):
    """Attention to itself, attention to the memory, and the network of two Linear layers.

    Args: those of TransformerLayer.
    Attributes:
        multihead_attn: the attention to the memory.
    Parity: torch.nn.TransformerDecoderLayer with batch_first=True; its bias=False is left out, and
        the dropout of the attentions' weights.
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
        super().__init__(
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, norm_first, rng
        )
        self.multihead_attn = MultiHeadAttention(d_model, nhead, rng=self.rng)
        self.norm3 = LayerNorm(d_model, layer_norm_eps)
        self.dropout3 = make_dropout(dropout, self.rng)

    def attend_to_memory(
        self, x: Array, memory: Array, mask: Array | None, padding: Array | None
    ) -> Array:
        """Attention of x to the memory.

        Args:
            x: shape (…, T, D).
            memory: shape (…, S, D).
            mask: the attn_mask of MultiHeadAttention.
            padding: its key_padding_mask.
        Returns:
            Shape (…, T, D).
        """
        # TODO x asks, the memory is key and value; nobody needs the weights
        raise NotImplementedError("week_7/decoder.py: TransformerDecoderLayer.attend_to_memory")

    def attend_to_memory_backward(self, grad_out: Array) -> Array:
        """Gradient of the x that attended to the memory; keeps that of the memory.

        Args:
            grad_out: dL/d(output of attend_to_memory), shape (…, T, D).
        Returns:
            dL/dx, shape (…, T, D). self.grad_memory becomes dL/d(memory), shape (…, S, D).
        """
        # TODO the memory came in as key and as value
        raise NotImplementedError("week_7/decoder.py: TransformerDecoderLayer.attend_to_memory_backward")

    def forward(
        self,
        tgt: Array,
        memory: Array,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
    ) -> Array:
        """The three sublayers, one after the other.

        Args:
            tgt: shape (…, T, D): a batch (N, T, D), as a rule.
            memory: shape (…, S, D).
            tgt_mask: shape (T, T) or (N H, T, T), True (or -∞) where tgt must not look at tgt.
            memory_mask: shape (T, S) or (N H, T, S), where tgt must not look at the memory.
            tgt_key_padding_mask: shape (…, T), True (or -∞) where tgt is padding.
            memory_key_padding_mask: shape (…, S), where the memory is padding.
        Returns:
            Shape (…, T, D).
        Raises:
            ValueError: an input or a mask doesn't fit, or a sequence is empty.
            TypeError: a mask is neither boolean nor floating.
        """
        # TODO connect both attentions and feed_forward, each with its norm and dropout
        raise NotImplementedError("week_7/decoder.py: TransformerDecoderLayer.forward")

    def backward(self, grad_out: Array) -> tuple[Array, Array]:
        """Gradients of tgt and memory; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(output), shape (…, T, D).
        Returns:
            dL/d(tgt), shape (…, T, D), and dL/d(memory), shape (…, S, D).
        Raises:
            ValueError: grad_out has another shape than the output.
        """
        # TODO the three sublayers in reverse
        raise NotImplementedError("week_7/decoder.py: TransformerDecoderLayer.backward")


class TransformerDecoder(Module):
    """A stack of decoder layers, all of which look at the same memory; a norm behind the last.

    Args:
        decoder_layer: the layer of which there are copies: equal values, own parameters.
        num_layers: how many, at least 1.
        norm: a LayerNorm behind the last layer, or None.
    Attributes:
        layers: the copies, first to last.
    Raises:
        ValueError: num_layers is below 1.
    Parity: torch.nn.TransformerDecoder.
    """

    def __init__(
        self, decoder_layer: TransformerDecoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        self.layers = copies(decoder_layer, num_layers)
        self.norm = norm

    def forward(
        self,
        tgt: Array,
        memory: Array,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
    ) -> Array:
        """All layers, then the norm.

        Args: those of TransformerDecoderLayer.forward; every layer gets the memory and the masks.
        Returns:
            Shape (…, T, D).
        Raises: what TransformerDecoderLayer raises.
        """
        # TODO through every layer with memory and masks, then the norm if there is one
        raise NotImplementedError("week_7/decoder.py: TransformerDecoder.forward")

    def backward(self, grad_out: Array) -> tuple[Array, Array]:
        """Gradients of tgt and memory; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(output), shape (…, T, D).
        Returns:
            dL/d(tgt), shape (…, T, D), and dL/d(memory), shape (…, S, D).
        Raises:
            ValueError: grad_out has another shape than the output.
        Math: every layer looked at the memory, so its gradients add up.
        """
        # TODO the norm, the layers in reverse; add up the memory's gradients
        raise NotImplementedError("week_7/decoder.py: TransformerDecoder.backward")
