"""The Transformer: from the tokens of a source to the tokens of a target.

    memory = encoder(embed(src)),    logits = decoder(embed(tgt), memory) Wᵀ + b

The logits at position t say which token comes after the first t + 1 tokens of the target.
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module
from given.shapes import require_shape
from week_1.linear import Linear
from week_3.embedding import Embedding
from week_3.positional_encoding import PositionalEncoding
from week_5.normalization import LayerNorm
from week_7.decoder import TransformerDecoder, TransformerDecoderLayer
from week_7.encoder import TransformerEncoder, TransformerEncoderLayer


def causal_mask(length: int) -> Array:
    """The mask with which position t sees the positions 0 … t.

    Args:
        length: T.
    Returns:
        Boolean, shape (T, T), True where a query must *not* look at a key.
    Parity: torch.nn.Transformer.generate_square_subsequent_mask, which has -∞ for True.
    """
    ### BEGIN SOLUTION True above the diagonal
    return np.triu(np.ones((length, length), np.bool_), 1)
    ### END SOLUTION


class Transformer(Module):
    """Encoder and decoder with embeddings, positions and the projection to logits.

    Args:
        src_size, tgt_size: numbers of tokens of the two vocabularies.
        d_model, nhead, dim_feedforward, dropout, activation, norm_first: as for the layers.
        num_encoder_layers, num_decoder_layers: how many layers, at least 1 of each.
        max_len: the longest sequence.
        pad_id: the token that fills up short sequences, in both vocabularies; None if none does.
            It is seen by nobody.
        rng: source of the initial weights and of dropout; None takes a fresh generator.
    Attributes:
        src_embedding, tgt_embedding: tables of N(0, 1), which needs no factor √D.
        src_positions, tgt_positions: two PositionalEncodings, each remembers its own input.
        encoder, decoder: stacks, each with a LayerNorm behind it. Every matrix in them is drawn
            anew, as torch does: uniform in ±√(6 / (rows + columns)).
        projection: a Linear from D features to tgt_size logits.
    Raises:
        ValueError: as for the layers.
    Parity: torch.nn.Transformer between torch.nn.Embedding and torch.nn.Linear. Left out: dropout
        of the embeddings, sharing their weights with the projection.
    Source: Vaswani et al., "Attention Is All You Need" (2017).
    """

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
        """Where there is padding.

        Args:
            ids: integers, shape (N, T).
        Returns:
            Boolean, shape (N, T), True at padding; None if there is no pad_id.
        """
        ### BEGIN SOLUTION compare the ids with pad_id, if there is one
        return None if self.pad_id is None else ids == self.pad_id
        ### END SOLUTION

    def encode(self, src: Array) -> Array:
        """What the encoder makes of the source.

        Args:
            src: ids, shape (N, S).
        Returns:
            The memory, shape (N, S, D).
        Raises:
            ValueError: src isn't (N, S), S is 0, or S is more than max_len.
            TypeError, IndexError: as for Embedding.
        """
        ### BEGIN SOLUTION embedding, positions, encoder with the padding mask
        require_shape("src", src, ("N", "S"))
        x = self.src_positions.forward(self.src_embedding.forward(src))
        return self.encoder.forward(x, None, self.padding_mask(src))
        ### END SOLUTION

    def decode(self, src: Array, tgt: Array, memory: Array) -> Array:
        """The logits of the token after each position of the target.

        Args:
            src: ids, shape (N, S), of which the padding is told.
            tgt: ids, shape (N, T).
            memory: what encode(src) returned, shape (N, S, D).
        Returns:
            Shape (N, T, V), V = tgt_size.
        Raises:
            ValueError: tgt isn't (N, T), T is 0, or T is more than max_len.
            TypeError, IndexError: as for Embedding.
        """
        ### BEGIN SOLUTION embedding, positions, decoder with causal and padding masks, projection
        require_shape("tgt", tgt, (len(src), "T"))
        y = self.tgt_positions.forward(self.tgt_embedding.forward(tgt))
        padding, memory_padding = self.padding_mask(tgt), self.padding_mask(src)
        y = self.decoder.forward(
            y, memory, causal_mask(tgt.shape[1]), None, padding, memory_padding
        )
        return self.projection.forward(y)
        ### END SOLUTION

    def forward(self, src: Array, tgt: Array) -> Array:
        """The logits of the token after each position of the target.

        Args:
            src: ids, shape (N, S).
            tgt: ids, shape (N, T): in training the right answer behind a token that begins it.
        Returns:
            Shape (N, T, V); those at position t depend on tgt[:, : t + 1] alone.
        Raises: what encode and decode raise.
        """
        ### BEGIN SOLUTION encode, then decode
        return self.decode(src, tgt, self.encode(src))
        ### END SOLUTION

    def backward(self, grad_out: Array) -> None:
        """Adds to the gradients of all parameters; ids have none, so nothing is returned.

        Args:
            grad_out: dL/d(logits), shape (N, T, V).
        Raises:
            ValueError: grad_out has another shape than the logits.
        """
        ### BEGIN SOLUTION projection, decoder, then to both embeddings, one through the encoder
        grad_tgt, grad_memory = self.decoder.backward(self.projection.backward(grad_out))
        self.tgt_embedding.backward(self.tgt_positions.backward(grad_tgt))
        grad_src = self.encoder.backward(grad_memory)
        self.src_embedding.backward(self.src_positions.backward(grad_src))
        ### END SOLUTION

    def generate(self, src: Array, length: int, bos_id: int, eos_id: int | None = None) -> Array:
        """Greedy decoding: the most probable token, time after time.

        Args:
            src: ids, shape (N, S).
            length: T, how many tokens to write, at least 1.
            bos_id: the token that begins a target; it isn't returned.
            eos_id: the token that ends one: behind it there are eos_id only. None if none does. It
                may be bos_id: what begins a target doesn't end it.
        Returns:
            ids, shape (N, T), also if all have ended before that. Call eval() before, or dropout
            goes on: generate leaves the mode as it is.
        Raises: what forward raises.
        """
        ### BEGIN SOLUTION encode once; append the best token of the last position, T times
        memory = self.encode(src)
        tgt = np.full((len(src), 1), bos_id)
        for _ in range(length):
            best = self.decode(src, tgt, memory)[:, -1].argmax(axis=-1)
            if eos_id is not None:
                ended = (tgt[:, 1:] == eos_id).any(axis=1)
                best = np.where(ended, eos_id, best)
            tgt = np.concatenate([tgt, best[:, None]], axis=1)
        return tgt[:, 1:]
        ### END SOLUTION
