"""Batch norm and layer norm: every group of values gets mean 0 and variance 1.

    x̂ = (x - μ) / √(σ² + ε),    y = γ x̂ + β

The two differ in what a group is. Batch norm takes all values of one channel, from every
sample and position; layer norm takes all features of one sample.
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share: all but the shape of the input.

    Args:
        num_features: C, number of channels.
        eps: ε, keeps the division safe where a channel is constant.
        momentum: the share of the newest batch in the running statistics, from 0 to 1.
        affine: whether there are a weight and a bias.
    Attributes:
        weight: γ, shape (C,), starts at 1; None without `affine`.
        bias: β, shape (C,), starts at 0; None without `affine`.
        running_mean, running_var: shape (C,) each, float64; moved by every forward in
            training, used by every forward in eval. No gradient moves them, so they are not
            parameters.
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True
    ) -> None:
        self.num_features = num_features
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(np.ones(num_features)) if affine else None
        self.bias = Parameter(np.zeros(num_features)) if affine else None
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)

    def flatten_positions(self, x: Array) -> Array:
        """View x as (N, C, L), L positions per sample and channel; each subclass has its own.

        Args:
            x: the shape that the class asks for.
        Returns:
            A view of x, shape (N, C, L).
        Raises:
            ValueError: x has another number of axes or of channels.
        """
        raise NotImplementedError("BatchNorm is the common part: use BatchNorm1d or BatchNorm2d")

    def batch_statistics(self, values: Array) -> tuple[Array, Array]:
        """Mean and variance of every channel of a batch, which also move the running ones.

        Args:
            values: the batch, shape (N, C, L); a channel has M = N·L values.
        Returns:
            The mean and the biased variance (divided by M), shape (C,) each.
        Raises:
            ValueError: M < 2, so there is no variance to speak of.
        Math: running ← (1 - momentum)·running + momentum·new, where the new variance is the
            unbiased one (divided by M - 1).
        """
        # TODO refuse M < 2, take mean and variance, move the running ones
        raise NotImplementedError("week_5/normalization.py: BatchNorm.batch_statistics")

    def forward(self, x: Array) -> Array:
        """Normalise every channel: by the batch in training, by the running ones in eval.

        Args:
            x: the shape that flatten_positions of the class asks for.
        Returns:
            y, the shape of x. It is the caller's: whatever becomes of it, backward gives the same.
        Raises:
            ValueError: x has another shape, or in training fewer than 2 values per channel.
        Math: x̂ = (x - μ) / √(σ² + ε),    y = γ x̂ + β.
        """
        # TODO choose μ and σ², normalise, scale, shift; keep what backward needs
        raise NotImplementedError("week_5/normalization.py: BatchNorm.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; adds to weight.grad and bias.grad.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: all sums over the M values of a channel,
            dβ = Σ g,    dγ = Σ g x̂,
            training:  dx = γ/√(σ² + ε) · (g - Σg / M - x̂ · Σ(g x̂) / M)
            eval:      dx = γ/√(σ² + ε) · g
        """
        # TODO check the shape, add the parameters' gradients; then dx, by the mode
        raise NotImplementedError("week_5/normalization.py: BatchNorm.backward")


class BatchNorm1d(BatchNorm):
    """Batch norm of features (N, C) or sequences (N, C, L).

    Args and Attributes: those of BatchNorm.
    Parity: torch.nn.BatchNorm1d.
    """

    def flatten_positions(self, x: Array) -> Array:
        """View x as (N, C, L).

        Args:
            x: shape (N, C), which has L = 1, or (N, C, L).
        Returns:
            A view of x, shape (N, C, L).
        Raises:
            ValueError: x has another number of axes or of channels.
        """
        # TODO check the shape, give (N, C) a third axis of length 1
        raise NotImplementedError("week_5/normalization.py: BatchNorm1d.flatten_positions")


class BatchNorm2d(BatchNorm):
    """Batch norm of images (N, C, H, W).

    Args and Attributes: those of BatchNorm.
    Parity: torch.nn.BatchNorm2d.
    """

    def flatten_positions(self, x: Array) -> Array:
        """View x as (N, C, L).

        Args:
            x: shape (N, C, H, W).
        Returns:
            A view of x, shape (N, C, L) with L = H·W.
        Raises:
            ValueError: x has another number of axes or of channels.
        """
        # TODO check the shape, join the two axes of the pixels
        raise NotImplementedError("week_5/normalization.py: BatchNorm2d.flatten_positions")


class LayerNorm(Module):
    """Normalise every sample over its last axes, by itself: no batch, no running statistics.

    Args:
        normalized_shape: the lengths of the last axes that form a group, D values in all;
            an int stands for one axis.
        eps: ε, keeps the division safe where a group is constant.
        elementwise_affine: whether there are a weight and a bias.
    Attributes:
        weight: γ, shape normalized_shape, starts at 1; None without `elementwise_affine`.
        bias: β, shape normalized_shape, starts at 0; None without `elementwise_affine`.
    Parity: torch.nn.LayerNorm.
    """

    def __init__(
        self,
        normalized_shape: int | tuple[int, ...],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
    ) -> None:
        if isinstance(normalized_shape, int):
            normalized_shape = (normalized_shape,)
        self.normalized_shape = normalized_shape
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape)) if elementwise_affine else None

    def forward(self, x: Array) -> Array:
        """Normalise every group.

        Args:
            x: shape (…, *normalized_shape): any number of leading axes, also none.
        Returns:
            y, the shape of x. It is the caller's: whatever becomes of it, backward gives the same.
        Raises:
            ValueError: the last axes of x aren't normalized_shape.
        Math: x̂ = (x - μ) / √(σ² + ε) with μ and σ² (biased) of the D values of a group,
            y = γ x̂ + β.
        """
        # TODO check the shape, normalise every group, keep what backward needs
        raise NotImplementedError("week_5/normalization.py: LayerNorm.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; adds to weight.grad and bias.grad.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y.
        Math: with h = γ g = dL/dx̂,
            dβ = Σ g,    dγ = Σ g x̂,    sums over the leading axes,
            dx = 1/√(σ² + ε) · (h - mean(h) - x̂ · mean(h x̂)),    means over a group.
        """
        # TODO check the shape, add both parameter gradients; then dL/dx̂ and dL/dx
        raise NotImplementedError("week_5/normalization.py: LayerNorm.backward")
