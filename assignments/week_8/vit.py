"""The Vision Transformer: an image is a sequence of patches, and an encoder reads it.

    logits = head(encoder(embedding(images))[class token])

All tokens look at all others in every layer; only what the class token has gathered is read.
"""

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
    """Patches, a Transformer's encoder, and a linear layer behind the class token.

    Args:
        image_size, patch_size: as for PatchEmbedding.
        num_layers: how many layers the encoder has, at least 1.
        num_heads: H, which divides D.
        hidden_dim: D, features of a token.
        mlp_dim: width of the network in each layer.
        dropout: as for TransformerEncoderLayer.
        num_classes: K.
        in_channels: C, channels of an image.
        rng: source of the initial weights and of dropout; None takes a fresh generator.
    Attributes:
        embedding: the PatchEmbedding.
        encoder: a TransformerEncoder: pre-norm layers with GELU, a LayerNorm behind the last.
            Every matrix in it is drawn anew, as torch does: uniform in ±√(6 / (rows + columns)).
        head: a Linear from D features to K logits.
    Raises:
        ValueError: as for PatchEmbedding and TransformerEncoder.
    Parity: torch.nn.TransformerEncoder between PatchEmbedding's parts and torch.nn.Linear. Names
        and defaults are those of torchvision.models.VisionTransformer; its ε of the norms is 1e-6,
        here it is that of torch.nn.LayerNorm.
    Source: Dosovitskiy et al., "An Image is Worth 16x16 Words" (2021).
    """

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
        # TODO make self.embedding, self.encoder and self.head as above, all with rng
        raise NotImplementedError("week_8/vit.py: VisionTransformer.__init__")
        for parameter in self.encoder.parameters():
            if parameter.data.ndim == 2:  # copies of a layer begin alike: draw each by itself
                bound = math.sqrt(6 / sum(parameter.data.shape))
                parameter.data = rng.uniform(-bound, bound, parameter.data.shape)

    def forward(self, images: Array) -> Array:
        """The logits of each image.

        Args:
            images: shape (N, C, H, W).
        Returns:
            Shape (N, K).
        Raises:
            ValueError: images has another shape.
        """
        # TODO embedding, encoder, then the head for the class token alone
        raise NotImplementedError("week_8/vit.py: VisionTransformer.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the images; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(logits), shape (N, K).
        Returns:
            dL/d(images), shape (N, C, H, W).
        Raises:
            ValueError: grad_out has another shape than the logits.
        Math: the logits depend on the encoder's first token; the others have a gradient of zero.
        """
        # TODO the head, its gradient at the class token, encoder, embedding
        raise NotImplementedError("week_8/vit.py: VisionTransformer.backward")
