"""Patches of week 8: every part of the sequence is a view of one array of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import pair
from week_2.conv import Conv2d
from week_2.flatten import Flatten


class PatchEmbedding(Module):
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
        self.projection = Conv2d(in_channels, embed_dim, patch_size, stride=patch_size, rng=rng)
        places = 1 + prod(self.grid)
        self.positions = Parameter(0.02 * rng.standard_normal((places, embed_dim)))
        self.class_token = Parameter(np.zeros_like(self.positions.data[0]))

    def forward(self, images: Array) -> Array:
        if images.shape[1:] != (self.in_channels, *self.image_size):
            raise ValueError(
                f"images of {self.in_channels} x {self.image_size}, not {images.shape}"
            )
        maps = self.projection(images)
        self.maps_shape = maps.shape
        tokens = np.empty((len(images), *self.positions.data.shape), maps.dtype)
        tokens[:, 0] = self.class_token.data
        tokens[:, 1:] = np.einsum("ndt->ntd", maps.reshape(*maps.shape[:2], -1))
        tokens += self.positions.data
        return tokens

    def backward(self, grad_out: Array) -> Array:
        if grad_out.shape != (self.maps_shape[0], *self.positions.data.shape):
            raise ValueError(f"a gradient of {grad_out.shape} for the tokens")
        summed = np.einsum("ntd->td", grad_out)
        self.positions.grad = self.positions.grad + summed
        self.class_token.grad = self.class_token.grad + summed[0]
        of_patches = np.moveaxis(grad_out[:, 1:], -1, 1)
        return self.projection.backward(of_patches.reshape(self.maps_shape))
