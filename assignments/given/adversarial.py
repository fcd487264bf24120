"""Training of a generative adversarial network: the two networks take turns."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from given.module import Array, Module


class TakesTurns(Protocol):
    """What `fit` needs: one step of each network, and the generator with its latent_dim."""

    generator: Module
    discriminator: Module

    def discriminator_step(self, real: Array, z: Array) -> float: ...

    def generator_step(self, z: Array) -> float: ...


def fit(
    gan: TakesTurns,
    images: Array,
    latent_dim: int,
    *,
    steps: int,
    batch_size: int = 64,
    rng: np.random.Generator,
    every: int = 50,
) -> dict[str, list[float]]:
    """Train both networks, a step of the discriminator and one of the generator in turn.

    Args:
        gan: holds both networks. Their parameters change.
        images: real ones, shape (N, D).
        latent_dim: Z, length of a latent vector.
        steps: how many of each.
        batch_size: real images, and generated ones, of each step.
        rng: draws images and latent vectors; the same state gives the same run.
        every: for how many steps there is one entry of the history.
    Returns:
        {"discriminator": […], "generator": […]}: mean losses of `every` steps each.
    Raises:
        ValueError: there are no images, or steps, batch_size or every is below 1.
        What the steps raise, such as RuntimeError where the training diverges.
    """
    if len(images) == 0:
        raise ValueError("there are no images to learn from")
    if min(steps, batch_size, every) < 1:
        raise ValueError(f"{steps} steps, {batch_size} images, every {every}: at least 1 of each")
    gan.generator.train()
    gan.discriminator.train()
    losses = np.zeros((steps, 2))
    for step in range(steps):
        real = images[rng.integers(0, len(images), batch_size)]
        z = rng.standard_normal((2, batch_size, latent_dim)).astype(images.dtype)
        losses[step] = gan.discriminator_step(real, z[0]), gan.generator_step(z[1])
    means = [losses[start : start + every].mean(axis=0) for start in range(0, steps, every)]
    names = ("discriminator", "generator")
    return {name: [float(mean[i]) for mean in means] for i, name in enumerate(names)}
