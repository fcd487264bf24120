"""Batch norm and layer norm: every group of values gets mean 0 and variance 1.

    x̂ = (x - μ) / √(σ² + ε),    y = γ x̂ + β

The two differ in what a group is. Batch norm takes all values of one channel, from every
sample and position; layer norm takes all features of one sample.
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter


class BatchNorm(Module):
    """What BatchNorm1d and BatchNorm2d share: all but the shape of the input.

    Args:
        num_features: number of channels C.
        eps: ε, keeps the division safe where a channel is constant.
        momentum: the share of the newest batch in the running statistics, from 0 to 1.
        affine: learn a weight γ and a bias β per channel, (C,) each; else both are None.

    Attributes:
        running_mean, running_var: float64, (C,); moved by every forward in training, used
            by every forward in eval. They are not parameters: no gradient moves them.
    """

    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True
    ) -> None:
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = Parameter(np.ones(num_features)) if affine else None
        self.bias = Parameter(np.zeros(num_features)) if affine else None
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)

    def flatten_positions(self, x: Array) -> Array:
        """View x as (N, C, L), L positions per sample and channel; each subclass has its own."""
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
        ### BEGIN SOLUTION refuse M < 2, take mean and variance, move the running ones
        count = values.shape[0] * values.shape[2]  # M
        if count < 2:
            name = type(self).__name__
            raise ValueError(f"{name}: a batch needs 2 or more values per channel: {count} given")
        mean = values.mean(axis=(0, 2))
        var = values.var(axis=(0, 2))
        # Σ(x - μ)² / M underestimates the variance of what the batch was drawn from.
        unbiased = var * count / (count - 1)
        self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        return mean, var
        ### END SOLUTION

    def forward(self, x: Array) -> Array:
        """Normalise every channel: by the batch in training, by the running ones in eval.

        Args:
            x: the shape that flatten_positions of the class asks for.
        Returns:
            y = γ x̂ + β, the shape of x.
        Raises:
            ValueError: x has another shape, or in training a single value per channel.
        Math: x̂ = (x - μ) / √(σ² + ε).
        """
        ### BEGIN SOLUTION choose μ and σ², normalise, scale, shift; keep what backward needs
        values = self.flatten_positions(x)
        self.by_batch = self.training
        if self.training:
            mean, var = self.batch_statistics(values)
        else:
            mean, var = self.running_mean.astype(x.dtype), self.running_var.astype(x.dtype)
        self.inv_std = 1 / np.sqrt(var + self.eps)  # (C,)
        self.normalized = (values - mean[:, None]) * self.inv_std[:, None]  # (N, C, L)
        if self.weight is None or self.bias is None:
            return self.normalized.reshape(x.shape).copy()
        out: Array = self.normalized * self.weight.data[:, None] + self.bias.data[:, None]
        return out.reshape(x.shape)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; adds to weight.grad and bias.grad.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Math: with g = dL/dy, all sums over the M values of a channel,
            dβ = Σ g,    dγ = Σ g x̂,
            training:  dx = γ/√(σ² + ε) · (g - Σg / M - x̂ · Σ(g x̂) / M)
            eval:      dx = γ/√(σ² + ε) · g
        """
        ### BEGIN SOLUTION add the parameters' gradients; then dx, which depends on the mode
        grad = self.flatten_positions(grad_out)
        grad_bias = grad.sum(axis=(0, 2))
        grad_weight = np.einsum("ncl,ncl->c", grad, self.normalized)
        scale = self.inv_std
        if self.weight is not None and self.bias is not None:
            self.weight.grad += grad_weight
            self.bias.grad += grad_bias
            scale = scale * self.weight.data
        if self.by_batch:
            # y can't move along 1 or along x̂: the mean and variance of a channel are fixed.
            count = grad.shape[0] * grad.shape[2]
            along_normalized = self.normalized * (grad_weight / count)[:, None]
            grad = grad - (grad_bias / count)[:, None] - along_normalized
        return (grad * scale[:, None]).reshape(grad_out.shape)
        ### END SOLUTION


class BatchNorm1d(BatchNorm):
    """Batch norm of features (N, C) or sequences (N, C, L).

    Parity: torch.nn.BatchNorm1d.
    """

    def flatten_positions(self, x: Array) -> Array:
        """View x, shape (N, C) or (N, C, L), as (N, C, L); (N, C) has L = 1.

        Raises:
            ValueError: x has another number of axes or of channels.
        """
        ### BEGIN SOLUTION check the shape, give (N, C) a third axis of length 1
        if x.ndim not in (2, 3) or x.shape[1] != self.num_features:
            wanted = f"(N, {self.num_features}) or (N, {self.num_features}, L)"
            raise ValueError(f"BatchNorm1d: input of shape {x.shape}, expected {wanted}")
        return x if x.ndim == 3 else x[:, :, None]
        ### END SOLUTION


class BatchNorm2d(BatchNorm):
    """Batch norm of images (N, C, H, W).

    Parity: torch.nn.BatchNorm2d.
    """

    def flatten_positions(self, x: Array) -> Array:
        """View x, shape (N, C, H, W), as (N, C, L) with L = H·W.

        Raises:
            ValueError: x has another number of axes or of channels.
        """
        ### BEGIN SOLUTION check the shape, join the two axes of the pixels
        if x.ndim != 4 or x.shape[1] != self.num_features:
            wanted = f"(N, {self.num_features}, H, W)"
            raise ValueError(f"BatchNorm2d: input of shape {x.shape}, expected {wanted}")
        return x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])
        ### END SOLUTION


def row_mean(rows: Array) -> Array:
    """Mean of every row, (R, D) -> (R, 1); for short rows einsum is 3 times faster than mean()."""
    mean: Array = np.einsum("rd->r", rows) / rows.shape[1]
    return mean[:, None]


class LayerNorm(Module):
    """Normalise every sample over its last axes, by itself: no batch, no running statistics.

    Args:
        normalized_shape: the lengths of the last axes that form a group, D values in all;
            an int stands for one axis.
        eps: ε, keeps the division safe where a group is constant.
        elementwise_affine: learn a weight γ and a bias β of shape normalized_shape; else
            both are None.
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
        self.normalized_shape = tuple(normalized_shape)
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape)) if elementwise_affine else None
        self.bias = Parameter(np.zeros(self.normalized_shape)) if elementwise_affine else None

    def forward(self, x: Array) -> Array:
        """Normalise every group.

        Args:
            x: (*, *normalized_shape), with any number of leading axes.
        Returns:
            y = γ x̂ + β, the shape of x.
        Raises:
            ValueError: the last axes of x aren't normalized_shape.
        Math: x̂ = (x - μ) / √(σ² + ε), μ and σ² (biased) of the D values of a group.
        """
        ### BEGIN SOLUTION check the shape, normalise every group, keep what backward needs
        if x.shape[-len(self.normalized_shape) :] != self.normalized_shape:
            wanted = self.normalized_shape
            raise ValueError(f"LayerNorm: input of shape {x.shape} doesn't end in {wanted}")
        rows = x.reshape(-1, math.prod(self.normalized_shape))  # one group per row, (R, D)
        centered = rows - row_mean(rows)
        self.inv_std = 1 / np.sqrt(row_mean(np.square(centered)) + self.eps)  # (R, 1)
        centered *= self.inv_std
        self.normalized = centered
        if self.weight is None or self.bias is None:
            return self.normalized.reshape(x.shape).copy()
        out: Array = self.normalized * self.weight.data.ravel()
        out += self.bias.data.ravel()
        return out.reshape(x.shape)
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; adds to weight.grad and bias.grad.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Math: with g = dL/dy and h = γ g = dL/dx̂,
            dβ = Σ g,    dγ = Σ g x̂,    sums over the leading axes;
            dx = 1/√(σ² + ε) · (h - mean(h) - x̂ · mean(h x̂)),    means over a group.
        """
        ### BEGIN SOLUTION add the two parameter gradients; then dL/dx̂, and from it dL/dx
        grad = grad_out.reshape(self.normalized.shape)  # (R, D)
        grad_x = grad.copy()
        if self.weight is not None and self.bias is not None:
            grad_weight = np.einsum("rd,rd->d", grad, self.normalized)
            self.weight.grad += grad_weight.reshape(self.normalized_shape)
            self.bias.grad += grad.sum(axis=0).reshape(self.normalized_shape)
            grad_x *= self.weight.data.ravel()  # dL/dx̂
        along_ones = row_mean(grad_x)
        along_normalized = row_mean(grad_x * self.normalized)
        # y can't move along 1 or along x̂: the mean and variance of a group are fixed.
        grad_x -= along_ones
        grad_x -= along_normalized * self.normalized
        grad_x *= self.inv_std
        return grad_x.reshape(grad_out.shape)
        ### END SOLUTION
