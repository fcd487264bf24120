"""The encoder of week 7: every sublayer is a list of steps, run forwards and then backwards."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import reduce

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
    return Dropout(p, rng) if p else Sequential()


def copies(layer: TransformerLayer, number: int) -> list[TransformerLayer]:
    if number < 1:
        raise ValueError(f"num_layers must be at least 1, not {number}")
    return [copy.deepcopy(layer, {id(layer.rng): layer.rng}) for _ in range(number)]


class TransformerLayer(Module):
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
        for module in (self.linear1, self.activation, self.dropout, self.linear2):
            x = module(x)
        return x

    def feed_forward_backward(self, grad_out: Array) -> Array:
        for module in (self.linear2, self.dropout, self.activation, self.linear1):
            grad_out = module.backward(grad_out)
        return grad_out

    def connect(
        self, x: Array, sublayer: Callable[[Array], Array], norm: Module, dropout: Module
    ) -> Array:
        before, after = (norm, lambda y: y) if self.norm_first else (lambda y: y, norm)
        return after(x + dropout(sublayer(before(x))))

    def connect_backward(
        self, grad_out: Array, backward: Callable[[Array], Array], norm: Module, dropout: Module
    ) -> Array:
        grad = grad_out if self.norm_first else norm.backward(grad_out)
        inner = backward(dropout.backward(grad))
        return grad + (norm.backward(inner) if self.norm_first else inner)

    def attend_to_self(self, x: Array, mask: Array | None, padding: Array | None) -> Array:
        output, _ = self.self_attn(x, x, x, attn_mask=mask, key_padding_mask=padding)
        return output

    def attend_to_self_backward(self, grad_out: Array) -> Array:
        return np.add.reduce(self.self_attn.backward(grad_out))


class TransformerEncoderLayer(TransformerLayer):
    def forward(
        self, src: Array, src_mask: Array | None = None, src_key_padding_mask: Array | None = None
    ) -> Array:
        def attend(x: Array) -> Array:
            return self.attend_to_self(x, src_mask, src_key_padding_mask)

        self.steps = [
            (attend, self.attend_to_self_backward, self.norm1, self.dropout1),
            (self.feed_forward, self.feed_forward_backward, self.norm2, self.dropout2),
        ]
        for sublayer, _, norm, dropout in self.steps:
            src = self.connect(src, sublayer, norm, dropout)
        return src

    def backward(self, grad_out: Array) -> Array:
        for _, sublayer, norm, dropout in self.steps[::-1]:
            grad_out = self.connect_backward(grad_out, sublayer, norm, dropout)
        return grad_out


class TransformerEncoder(Module):
    def __init__(
        self, encoder_layer: TransformerEncoderLayer, num_layers: int, norm: Module | None = None
    ) -> None:
        self.layers = copies(encoder_layer, num_layers)
        self.norm = norm

    def forward(
        self, src: Array, mask: Array | None = None, src_key_padding_mask: Array | None = None
    ) -> Array:
        x = reduce(lambda x, layer: layer(x, mask, src_key_padding_mask), self.layers, src)
        return self.norm(x) if self.norm else x

    def backward(self, grad_out: Array) -> Array:
        parts = [*self.layers, self.norm] if self.norm else self.layers
        return reduce(lambda grad, part: part.backward(grad), parts[::-1], grad_out)
