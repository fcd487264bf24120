"""From an image to a sequence: patches as tokens, a token of their own for the class, positions.

    tokens = [class; patch₁ Wᵀ + b; …; patch_T Wᵀ + b] + positions

A patch times a matrix is what a convolution does at one place. If its stride is the size of its
kernel, it does so for every patch once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import pair, require_shape
from week_2.conv import Conv2d
from week_2.flatten import Flatten


class PatchEmbedding(Module):
    """Cuts images into patches, makes a token of each, puts the class token before them.

    Args:
        image_size: (H, W), or one number for both.
        patch_size: (ph, pw), or one number for both; they divide H and W.
        in_channels: C, channels of an image.
        embed_dim: D, features of a token.
        rng: source of the initial weights; None takes a fresh generator.
    Attributes:
        grid: (H / ph, W / pw), the patches below and beside each other, T of them.
        projection: a Conv2d from C to D channels, whose kernel and stride are a patch.
        class_token: shape (D,), starts at zero.
        positions: shape (1 + T, D), one for the class token, then one for each patch; drawn from
            N(0, 0.02²).
    Raises:
        ValueError: a size is below 1, or patches don't fill the image evenly.
    Parity: torch.nn.Conv2d and two torch.nn.Parameters. Left out: dropout of the tokens, positions
        for images of another size.
    Source: Dosovitskiy et al., "An Image is Worth 16x16 Words" (2021).
    """

    def __init__(
        self,
        image_size: int | Sequence[int],
        patch_size: int | Sequence[int],
        in_channels: int,
        embed_dim: int,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.image_size = height, width = pair("image_size", image_size, 1)
        self.patch_size = rows, columns = pair("patch_size", patch_size, 1)
        if height % rows or width % columns:
            raise ValueError(f"patches of {self.patch_size} don't fill {self.image_size} evenly")
        self.grid = (height // rows, width // columns)
        self.in_channels, self.embed_dim = in_channels, embed_dim
        self.flatten = Flatten(2)
        rng = rng or np.random.default_rng()
        # TODO make self.projection, self.class_token and self.positions as above
        raise NotImplementedError("week_8/patch_embedding.py: PatchEmbedding.__init__")

    def forward(self, images: Array) -> Array:
        """The tokens of each image.

        Args:
            images: shape (N, C, H, W).
        Returns:
            Shape (N, 1 + T, D): the class token, then the patches row by row, as one reads.
        Raises:
            ValueError: images has another shape.
        Math: x[n, 0] = class + positions[0], x[n, t] = W patch[n, t] + b + positions[t].
        """
        # TODO check the shape, project, patches as tokens, class token, positions
        raise NotImplementedError("week_8/patch_embedding.py: PatchEmbedding.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the images; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(tokens), shape (N, 1 + T, D).
        Returns:
            dL/d(images), shape (N, C, H, W).
        Raises:
            ValueError: grad_out has another shape than the tokens.
        Math: dpositions = Σₙ g,    dclass = Σₙ g[n, 0],    the rest goes back through the
            convolution.
        """
        # TODO check the shape, positions, class token, then the patches as maps again
        raise NotImplementedError("week_8/patch_embedding.py: PatchEmbedding.backward")
