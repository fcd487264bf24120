"""BERT: an encoder that reads a text in both directions, and guesses the tokens hidden in it.

    logits = head(encoder(token + position + segment))

The head's last matrix is the table of the token embeddings: what a token looks like when it is
read is what it looks like when it is guessed.
"""

from __future__ import annotations

import math

import numpy as np
from given.activations import GELU
from given.module import Array, Module, Parameter
from given.shapes import require_shape
from week_1.linear import Linear
from week_3.embedding import Embedding
from week_3.positional_encoding import PositionalEncoding
from week_5.normalization import LayerNorm
from week_7.encoder import TransformerEncoder, TransformerEncoderLayer, make_dropout

SCALE = 0.1  # of the tables' initial values


class BertEmbeddings(Module):
    """Three vectors for each token: what it is, where it stands, to which text it belongs.

    Args:
        vocab_size: V, the number of tokens.
        d_model: D, the number of features.
        max_len: the longest sequence.
        num_segments: how many texts a sequence may consist of.
        dropout: probability of dropping an entry of the result.
        rng: source of the initial weights and of dropout; None takes a fresh generator.
    Attributes:
        token: an Embedding of V rows, drawn from N(0, SCALE²).
        position: an Embedding of max_len rows, learned like the others. It begins with week 3's
            sines and cosines times 3 SCALE: neighbours are alike from the start.
        segment: an Embedding of num_segments rows, drawn as the tokens are.
        norm, dropout: LayerNorm and Dropout of the sum.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        max_len: int = 512,
        num_segments: int = 2,
        dropout: float = 0.1,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = rng or np.random.default_rng()
        self.token = Embedding(vocab_size, d_model, rng=rng)
        self.position = Embedding(max_len, d_model, rng=rng)
        self.segment = Embedding(num_segments, d_model, rng=rng)
        for table in (self.token, self.segment):
            table.weight.data *= SCALE
        self.position.weight = Parameter(3 * SCALE * PositionalEncoding(d_model, max_len).pe)
        self.norm = LayerNorm(d_model)
        self.dropout = make_dropout(dropout, rng)

    def forward(self, ids: Array, segment_ids: Array | None = None) -> Array:
        """dropout(norm(token + position + segment)).

        Args:
            ids: integers, shape (N, T).
            segment_ids: integers, shape (N, T); None means that all belong to segment 0.
        Returns:
            Shape (N, T, D).
        Raises:
            ValueError: ids isn't (N, T), T is 0 or more than max_len, or segment_ids has another
                shape.
            TypeError, IndexError: as for Embedding, of both kinds of ids.
        """
        # TODO check, look up in all three tables, add, norm, dropout
        raise NotImplementedError("week_10/bert.py: BertEmbeddings.forward")

    def backward(self, grad_out: Array) -> None:
        """Adds to the gradients of all parameters; ids have none, so nothing is returned.

        Args:
            grad_out: dL/d(output), shape (N, T, D).
        Raises:
            ValueError: grad_out has another shape than the output.
        Math: every table gets the gradient of the sum; every example used the same row of position
            t, so that row gets Σₙ.
        """
        # TODO dropout and norm in reverse, then to all three tables
        raise NotImplementedError("week_10/bert.py: BertEmbeddings.backward")


class MaskedLMHead(Module):
    """From features to a logit for each token, by comparing them with the tokens' vectors.

    Args:
        vocab_size: V.
        d_model: D.
        rng: source of the initial weights; None takes a fresh generator.
    Attributes:
        dense: a Linear(D, D), whose matrix is drawn as in the encoder.
        activation: GELU.
        norm: LayerNorm(D).
        bias: one number for each token, shape (V,), zeros.
    """

    def __init__(
        self, vocab_size: int, d_model: int, rng: np.random.Generator | None = None
    ) -> None:
        self.dense = Linear(d_model, d_model, rng=rng)
        self.activation = GELU()
        self.norm = LayerNorm(d_model)
        self.bias = Parameter(np.zeros(vocab_size))

    def forward(self, x: Array, table: Array) -> Array:
        """norm(GELU(dense(x))) Eᵀ + bias.

        Args:
            x: features, shape (…, D).
            table: E, the vectors of the tokens, shape (V, D).
        Returns:
            Logits, shape (…, V).
        Raises:
            ValueError: a shape doesn't fit.
        """
        # TODO dense, activation, norm, then the product with the table
        raise NotImplementedError("week_10/bert.py: MaskedLMHead.forward")

    def backward(self, grad_out: Array) -> tuple[Array, Array]:
        """Gradients of features and table; adds to those of the parameters.

        Args:
            grad_out: dL/d(logits), shape (…, V).
        Returns:
            dL/dx, shape (…, D), and dL/dE, shape (V, D).
        Raises:
            ValueError: grad_out has another shape than the logits.
        Math: with h the features after the norm, logits = h Eᵀ + b: dh = g E, dE = Σ gᵀ h and
            db = Σ g over all positions.
        """
        # TODO the product's two gradients and the bias's, then back through the rest
        raise NotImplementedError("week_10/bert.py: MaskedLMHead.backward")


class Bert(Module):
    """Embeddings, the encoder of week 7, and the head that guesses hidden tokens.

    Args:
        vocab_size: V, the number of tokens.
        d_model, nhead, num_layers, dim_feedforward, dropout, norm_first: those of the encoder, with
            GELU.
        max_len: the longest sequence.
        num_segments: how many texts a sequence may consist of.
        pad_id: the token that fills up short sequences and is seen by nobody; None if none does.
        rng: source of the initial weights and of dropout; None takes a fresh generator.
    Attributes:
        embeddings, encoder, head: the three parts; the encoder has a LayerNorm behind it. Every
            matrix in encoder and head is drawn by itself, uniform in ±√(6 / (rows + columns)).
    Raises:
        ValueError: as for the encoder.
    Source: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language
        Understanding" (2019). Left out: the prediction of the next sentence.
    """

    def __init__(
        self,
        vocab_size: int,
        d_model: int = 768,
        nhead: int = 12,
        num_layers: int = 12,
        dim_feedforward: int = 3072,
        dropout: float = 0.1,
        norm_first: bool = False,
        max_len: int = 512,
        num_segments: int = 2,
        pad_id: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = rng or np.random.default_rng()
        self.pad_id = pad_id
        self.embeddings = BertEmbeddings(vocab_size, d_model, max_len, num_segments, dropout, rng)
        layer = TransformerEncoderLayer(
            d_model, nhead, dim_feedforward, dropout, "gelu", 1e-5, norm_first, rng
        )
        self.encoder = TransformerEncoder(layer, num_layers, LayerNorm(d_model))
        self.head = MaskedLMHead(vocab_size, d_model, rng)
        for parameter in self.encoder.parameters() + self.head.parameters():
            if parameter.data.ndim == 2:  # copies of a layer begin alike: draw each by itself
                bound = math.sqrt(6 / sum(parameter.data.shape))
                parameter.data = rng.uniform(-bound, bound, parameter.data.shape)

    def forward(self, ids: Array, segment_ids: Array | None = None) -> Array:
        """The logits of every token at every position, seen from both sides.

        Args:
            ids: integers, shape (N, T), with the mask's token where one is hidden.
            segment_ids: integers, shape (N, T); None means that all belong to segment 0.
        Returns:
            Shape (N, T, V).
        Raises: what BertEmbeddings raises.
        """
        # TODO embeddings, encoder with the padding mask, head with the tokens' table
        raise NotImplementedError("week_10/bert.py: Bert.forward")

    def backward(self, grad_out: Array) -> None:
        """Adds to the gradients of all parameters; ids have none, so nothing is returned.

        Args:
            grad_out: dL/d(logits), shape (N, T, V).
        Raises:
            ValueError: grad_out has another shape than the logits.
        Math: the table is used at both ends, so it gets the sum of both gradients.
        """
        # TODO head, whose second gradient is the table's; encoder, embeddings
        raise NotImplementedError("week_10/bert.py: Bert.backward")
