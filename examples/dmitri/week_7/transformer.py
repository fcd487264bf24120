"""Transformer, week 7."""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module
from week_1.linear import Linear
from week_3.embedding import Embedding
from week_3.positional_encoding import PositionalEncoding
from week_5.normalization import LayerNorm
from week_7.decoder import TransformerDecoder, TransformerDecoderLayer
from week_7.encoder import TransformerEncoder, TransformerEncoderLayer


def causal_mask(length: int) -> Array:
    positions = np.arange(length)
    return positions[None, :] > positions[:, None]


class Transformer(Module):
    def __init__(
        self,
        src_size: int,
        tgt_size: int,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: str = "relu",
        norm_first: bool = False,
        max_len: int = 5000,
        pad_id: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = rng or np.random.default_rng()
        self.pad_id = pad_id
        self.src_embedding = Embedding(src_size, d_model, pad_id, rng)
        self.tgt_embedding = Embedding(tgt_size, d_model, pad_id, rng)
        self.src_positions = PositionalEncoding(d_model, max_len)
        self.tgt_positions = PositionalEncoding(d_model, max_len)
        layer = (d_model, nhead, dim_feedforward, dropout, activation, 1e-5, norm_first, rng)
        self.encoder = TransformerEncoder(
            TransformerEncoderLayer(*layer), num_encoder_layers, LayerNorm(d_model)
        )
        self.decoder = TransformerDecoder(
            TransformerDecoderLayer(*layer), num_decoder_layers, LayerNorm(d_model)
        )
        for parameter in self.encoder.parameters() + self.decoder.parameters():
            if parameter.data.ndim == 2:  # copies of a layer begin alike: draw each by itself
                bound = math.sqrt(6 / sum(parameter.data.shape))
                parameter.data = rng.uniform(-bound, bound, parameter.data.shape)
        self.projection = Linear(d_model, tgt_size, rng=rng)

    def padding_mask(self, ids: Array) -> Array | None:
        if self.pad_id is None:
            return None
        return np.equal(ids, self.pad_id)

    def encode(self, src: Array) -> Array:
        if src.ndim != 2:
            raise ValueError(f"a source of shape {src.shape}, not (N, S)")
        x = self.src_positions(self.src_embedding(src))
        return self.encoder(x, src_key_padding_mask=self.padding_mask(src))

    def decode(self, src: Array, tgt: Array, memory: Array) -> Array:
        if tgt.ndim != 2 or len(tgt) != len(src):
            raise ValueError(f"a target of shape {tgt.shape}, not ({len(src)}, T)")
        y = self.decoder(
            self.tgt_positions(self.tgt_embedding(tgt)),
            memory,
            tgt_mask=causal_mask(tgt.shape[1]),
            tgt_key_padding_mask=self.padding_mask(tgt),
            memory_key_padding_mask=self.padding_mask(src),
        )
        return self.projection(y)

    def forward(self, src: Array, tgt: Array) -> Array:
        memory = self.encode(src)
        return self.decode(src, tgt, memory)

    def backward(self, grad_out: Array) -> None:
        grad, grad_memory = self.decoder.backward(self.projection.backward(grad_out))
        for positions, embedding, part in (
            (self.tgt_positions, self.tgt_embedding, grad),
            (self.src_positions, self.src_embedding, self.encoder.backward(grad_memory)),
        ):
            embedding.backward(positions.backward(part))

    def generate(self, src: Array, length: int, bos_id: int, eos_id: int | None = None) -> Array:
        memory = self.encode(src)
        ids = np.full((len(src), length + 1), bos_id)
        for step in range(length):
            logits = self.decode(src, ids[:, : step + 1], memory)
            ids[:, step + 1] = np.argmax(logits[:, step], axis=1)
            if eos_id is not None:
                done = (ids[:, 1 : step + 1] == eos_id).any()
                ids[:, step + 1] = eos_id if done else ids[:, step + 1]
        return ids[:, 1:]
