"""Decoder, week 7."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module
from week_5.normalization import LayerNorm
from week_7.encoder import TransformerLayer, copies, make_dropout
from week_7.multi_head_attention import MultiHeadAttention


class TransformerDecoderLayer(TransformerLayer):
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
        output, _ = self.multihead_attn(
            x, memory, memory, padding, need_weights=False, attn_mask=mask
        )
        return output

    def attend_to_memory_backward(self, grad_out: Array) -> Array:
        grad, *of_memory = self.multihead_attn.backward(grad_out)
        self.grad_memory = of_memory[0] + of_memory[1]
        return grad

    def forward(
        self,
        tgt: Array,
        memory: Array,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
    ) -> Array:
        def attend(x: Array) -> Array:
            return self.attend_to_self(x, tgt_mask, tgt_key_padding_mask)

        def look(x: Array) -> Array:
            return self.attend_to_memory(x, memory, memory_mask, memory_key_padding_mask)

        self.steps = [
            (attend, self.attend_to_self_backward, self.norm1, self.dropout1),
            (look, self.attend_to_memory_backward, self.norm2, self.dropout2),
            (self.feed_forward, self.feed_forward_backward, self.norm3, self.dropout3),
        ]
        for sublayer, _, norm, dropout in self.steps:
            tgt = self.connect(tgt, sublayer, norm, dropout)
        return tgt

    def backward(self, grad_out: Array) -> tuple[Array, Array]:
        for _, sublayer, norm, dropout in self.steps[::-1]:
            grad_out = self.connect_backward(grad_out, sublayer, norm, dropout)
        return grad_out, self.grad_memory


class TransformerDecoder(Module):
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
        options = {
            "tgt_mask": tgt_mask,
            "memory_mask": memory_mask,
            "tgt_key_padding_mask": tgt_key_padding_mask,
            "memory_key_padding_mask": memory_key_padding_mask,
        }
        for layer in self.layers:
            tgt = layer(tgt, memory, **options)
        return self.norm(tgt) if self.norm else tgt

    def backward(self, grad_out: Array) -> tuple[Array, Array]:
        grad = self.norm.backward(grad_out) if self.norm else grad_out
        total = 0.0
        for layer in self.layers[::-1]:
            grad, of_memory = layer.backward(grad)
            total = total + of_memory
        return grad, total
