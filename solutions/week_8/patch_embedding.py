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
        ### BEGIN SOLUTION make self.projection, self.class_token and self.positions as above
        self.projection = Conv2d(in_channels, embed_dim, self.patch_size, self.patch_size, rng=rng)
        self.class_token = Parameter(np.zeros(embed_dim))
        self.positions = Parameter(rng.normal(0.0, 0.02, (1 + math.prod(self.grid), embed_dim)))
        ### END SOLUTION

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
        ### BEGIN SOLUTION check the shape, project, patches as tokens, class token, positions
        require_shape("images", images, ("N", self.in_channels, *self.image_size))
        maps = self.projection.forward(images)  # (N, D, H / ph, W / pw)
        patches = self.flatten.forward(maps).swapaxes(1, 2)  # (N, T, D)
        first = np.broadcast_to(self.class_token.data, (len(images), 1, self.embed_dim))
        tokens = np.concatenate([first, patches], axis=1)
        self.tokens_shape = tokens.shape
        return tokens + self.positions.data
        ### END SOLUTION

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
        ### BEGIN SOLUTION check the shape, positions, class token, then the patches as maps again
        require_shape("grad_out", grad_out, self.tokens_shape)
        self.positions.grad += grad_out.sum(axis=0)
        self.class_token.grad += grad_out[:, 0].sum(axis=0)
        grad_maps = self.flatten.backward(grad_out[:, 1:].swapaxes(1, 2))
        return self.projection.backward(grad_maps)
        ### END SOLUTION
