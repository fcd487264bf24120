"""The output and the gradients of a Vision Transformer in torch, and of its patch embedding."""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

Array = NDArray[Any]
layers: Any = importlib.import_module("layer")  # lies beside this file


def vision_transformer(
    name: str,
    args: Sequence[Any],
    options: Mapping[str, Any],
    parameters: Mapping[str, Array],
    inputs: Sequence[Array],
    grad_out: Array | None = None,
    *,
    training: bool = True,
    picked: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Run PatchEmbedding or VisionTransformer forward, and backward from `grad_out`.

    Args: as for the oracle `layer`.
    Returns:
        "output"; with `grad_out` also "grad_input" and "grad_<parameter>".
    """
    made = {"PatchEmbedding": PatchEmbedding, "VisionTransformer": VisionTransformer}
    model = made[name](*args, **options)
    result: dict[str, Array] = layers.run(
        model, parameters, inputs, grad_out, None, training, picked
    )
    return result


def both(size: int | Sequence[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])


class PatchEmbedding(nn.Module):
    """A strided convolution, a token for the class, positions."""

    def __init__(
        self,
        image_size: int | Sequence[int],
        patch_size: int | Sequence[int],
        in_channels: int,
        embed_dim: int,
    ) -> None:
        super().__init__()
        patch = both(patch_size)
        count = math.prod(i // p for i, p in zip(both(image_size), patch, strict=True))
        self.projection = nn.Conv2d(in_channels, embed_dim, patch, patch)
        self.class_token = nn.Parameter(torch.zeros(embed_dim))
        self.positions = nn.Parameter(0.02 * torch.randn(1 + count, embed_dim))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        patches = self.projection(images).flatten(2).transpose(1, 2)
        first = self.class_token.expand(len(images), 1, -1)
        return torch.cat([first, patches], dim=1) + self.positions


class VisionTransformer(nn.Module):
    """Tokens, pre-norm layers with GELU and a norm behind them, a linear layer."""

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
    ) -> None:
        super().__init__()
        self.embedding = PatchEmbedding(image_size, patch_size, in_channels, hidden_dim)
        made: dict[str, Any] = {"activation": "gelu", "norm_first": True, "batch_first": True}
        layer = nn.TransformerEncoderLayer(hidden_dim, num_heads, mlp_dim, dropout, **made)
        with warnings.catch_warnings(action="ignore"):  # torch says that it has no quicker way
            self.encoder = nn.TransformerEncoder(layer, num_layers, nn.LayerNorm(hidden_dim))
        for parameter in self.encoder.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)
        self.head = nn.Linear(hidden_dim, num_classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.head(self.encoder(self.embedding(images))[:, 0])
        return logits
