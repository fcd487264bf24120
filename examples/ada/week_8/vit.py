"""The Vision Transformer of week 8: one list of parts, run forwards and then backwards."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from given.module import Array, Module
from week_1.linear import Linear
from week_5.normalization import LayerNorm
from week_7.encoder import TransformerEncoder, TransformerEncoderLayer
from week_8.patch_embedding import PatchEmbedding


class VisionTransformer(Module):
    def __init__(
        self,
        image_size: int | Sequence[int],
        patch_size: int | Sequence[int],
        num_layers: int,
        num_heads: int,
        hidden_dim: int,
        mlp_dim: int,
        dropout: float = 0.0,
        num_classes: int = 1000,
        in_channels: int = 3,
        rng: np.random.Generator | None = None,
    ) -> None:
        rng = rng or np.random.default_rng()
        self.embedding = PatchEmbedding(image_size, patch_size, in_channels, hidden_dim, rng=rng)
        options = {"dropout": dropout, "activation": "gelu", "norm_first": True, "rng": rng}
        block = TransformerEncoderLayer(hidden_dim, num_heads, mlp_dim, **options)
        self.encoder = TransformerEncoder(block, num_layers, norm=LayerNorm(hidden_dim))
        self.head = Linear(hidden_dim, num_classes, rng=rng)
        for parameter in self.encoder.parameters():
            if parameter.data.ndim == 2:  # copies of a layer begin alike: draw each by itself
                bound = math.sqrt(6 / sum(parameter.data.shape))
                parameter.data = rng.uniform(-bound, bound, parameter.data.shape)

    def forward(self, images: Array) -> Array:
        tokens = self.encoder(self.embedding(images))
        self.others = tokens.shape[1] - 1
        return self.head(tokens[:, 0, :])

    def backward(self, grad_out: Array) -> Array:
        of_class = self.head.backward(grad_out)[:, None]
        nothing = np.zeros_like(of_class).repeat(self.others, axis=1)
        grad = np.concatenate([of_class, nothing], axis=1)
        for part in (self.encoder, self.embedding):
            grad = part.backward(grad)
        return grad
