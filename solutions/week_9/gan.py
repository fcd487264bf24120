"""A generative adversarial network: one network draws, another says what is drawn.

    x = G(z),    z from N(0, 1);    D(x) = σ(logit): how sure the discriminator is that x is real

Images are rows of numbers in [-1, 1]. The discriminator returns logits, from which the losses are
computed without a logarithm of 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from given.activations import LeakyReLU
from given.module import Array, Module
from given.shapes import require_shape
from week_1.activations import ReLU, Sigmoid, Tanh
from week_1.linear import Linear
from week_5.normalization import BatchNorm1d


class Generator(Module):
    """Turns random numbers into images.

    Args:
        latent_dim: Z, length of a latent vector.
        hidden: widths of the hidden layers.
        features: D, number of pixels.
        rng: source of the initial weights; with None each layer takes a fresh generator.
    Attributes:
        layers: a list: for each hidden width Linear, BatchNorm1d and ReLU; then Linear to D
            features, and Tanh, which keeps pixels in [-1, 1].
    Source: Goodfellow et al., "Generative Adversarial Networks" (2014); batch norm, ReLU and
        tanh: Radford et al. (2016).
    """

    def __init__(
        self,
        latent_dim: int = 16,
        hidden: Sequence[int] = (64, 128),
        features: int = 64,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.latent_dim, self.features = latent_dim, features
        ### BEGIN SOLUTION make self.layers, first to last, with all weights from rng
        self.layers: list[Module] = []
        width = latent_dim
        for size in hidden:
            self.layers += [Linear(width, size, rng=rng), BatchNorm1d(size), ReLU()]
            width = size
        self.layers += [Linear(width, features, rng=rng), Tanh()]
        ### END SOLUTION

    def forward(self, z: Array) -> Array:
        """The images of latent vectors.

        Args:
            z: shape (N, Z); N is at least 2 in training, for the statistics of batch norm.
        Returns:
            Shape (N, D), values in [-1, 1].
        Raises:
            ValueError: z has another shape.
        """
        ### BEGIN SOLUTION check the shape, run the layers one after another
        require_shape("z", z, ("N", self.latent_dim))
        x = z
        for layer in self.layers:
            x = layer.forward(x)
        return x
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the latent vectors; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(images), shape (N, D).
        Returns:
            dL/dz, shape (N, Z).
        Raises:
            ValueError: grad_out has another shape than the images.
        """
        ### BEGIN SOLUTION back through the layers, last to first
        for layer in reversed(self.layers):
            grad_out = layer.backward(grad_out)
        return grad_out
        ### END SOLUTION

    def sample(self, count: int, rng: np.random.Generator) -> Array:
        """New images, each independent of the others: in evaluation mode.

        Args:
            count: N, at least 1.
            rng: draws z from N(0, 1), all of it by one call of standard_normal.
        Returns:
            Shape (N, D), values in [-1, 1]. The mode afterwards is the one before, and nothing
            else has changed either.
        Raises:
            ValueError: count is below 1.
        """
        ### BEGIN SOLUTION refuse count < 1, draw z, run forward in eval mode, restore the mode
        if count < 1:
            raise ValueError(f"count must be at least 1, not {count}")
        z = rng.standard_normal((count, self.latent_dim))
        was_training = self.training
        self.eval()
        try:
            return self.forward(z)
        finally:
            self.train(was_training)
        ### END SOLUTION


class Discriminator(Module):
    """Says of each image how real it looks.

    Args:
        features: D, number of pixels.
        hidden: widths of the hidden layers.
        negative_slope: of the leaky ReLUs.
        rng: source of the initial weights; with None each layer takes a fresh generator.
    Attributes:
        layers: a list: for each hidden width Linear and LeakyReLU; then Linear to one logit.
            There is no Sigmoid: the losses take logits.
    """

    def __init__(
        self,
        features: int = 64,
        hidden: Sequence[int] = (128, 64),
        negative_slope: float = 0.2,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.features = features
        ### BEGIN SOLUTION make self.layers, first to last, with all weights from rng
        self.layers: list[Module] = []
        width = features
        for size in hidden:
            self.layers += [Linear(width, size, rng=rng), LeakyReLU(negative_slope)]
            width = size
        self.layers.append(Linear(width, 1, rng=rng))
        ### END SOLUTION

    def forward(self, x: Array) -> Array:
        """The logit of each image: positive if it looks real.

        Args:
            x: shape (N, D).
        Returns:
            Shape (N, 1).
        Raises:
            ValueError: x has another shape.
        """
        ### BEGIN SOLUTION check the shape, run the layers one after another
        require_shape("x", x, ("N", self.features))
        for layer in self.layers:
            x = layer.forward(x)
        return x
        ### END SOLUTION

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the images; adds to the gradients of all parameters.

        Args:
            grad_out: dL/d(logits), shape (N, 1).
        Returns:
            dL/dx, shape (N, D): how each pixel should change.
        Raises:
            ValueError: grad_out has another shape than the logits.
        """
        ### BEGIN SOLUTION back through the layers, last to first
        for layer in reversed(self.layers):
            grad_out = layer.backward(grad_out)
        return grad_out
        ### END SOLUTION


def softplus(x: Array) -> Array:
    """log(1 + exp(x)): -log σ(-x), for every finite x and without a warning.

    Args:
        x: any shape.
    Returns:
        The shape and the dtype of x.
    Parity: torch.nn.functional.softplus, without its threshold.
    """
    ### BEGIN SOLUTION max(x, 0) plus a logarithm in which nothing overflows
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    ### END SOLUTION


def require_logits(name: str, logits: Array) -> None:
    """Refuse logits of which there are none: their mean is nothing."""
    if np.size(logits) == 0:
        raise ValueError(f"{name} is empty: its shape is {np.shape(logits)}")


class DiscriminatorLoss(Module):
    """-log of the probability that is given to the truth: real is real, and fake is fake.

    Parity: torch's BCEWithLogitsLoss of the real logits with ones, plus that of the fake ones
        with zeros.
    """

    def forward(self, real: Array, fake: Array) -> float:
        """The loss of a batch.

        Args:
            real: logits of real images, any shape, N of them.
            fake: logits of generated images, any shape, M of them.
        Returns:
            The loss, one number.
        Raises:
            ValueError: one of them is empty.
        Math: L = mean(-log σ(real)) + mean(-log(1 - σ(fake))), two means, each over its own.
        """
        ### BEGIN SOLUTION refuse empty logits, keep both, add the means of two softplus
        require_logits("real", real)
        require_logits("fake", fake)
        self.real, self.fake = real, fake
        return softplus(-real).mean() + softplus(fake).mean()
        ### END SOLUTION

    def backward(self, grad_out: float = 1.0) -> tuple[Array, Array]:
        """Gradients of the logits.

        Args:
            grad_out: dL/d(this loss), one number; 1 if nothing comes after.
        Returns:
            dL/d(real) and dL/d(fake), each in the shape of its logits.
        Raises:
            ValueError: grad_out is not one number.
        Math: d(real) = -g σ(-real) / N,    d(fake) = g σ(fake) / M.
        """
        ### BEGIN SOLUTION check grad_out, then both derivatives, each divided by its number
        require_shape("grad_out", grad_out, ())
        grad = float(grad_out)
        grad_real = Sigmoid().forward(-self.real) * (-grad / self.real.size)
        return grad_real, Sigmoid().forward(self.fake) * (grad / self.fake.size)
        ### END SOLUTION


class GeneratorLoss(Module):
    """How far the generator is from deceiving the discriminator.

    Args:
        kind: "non_saturating", which maximises log D(G(z)), or "minimax", which minimises
            log(1 - D(G(z))): the other side of the discriminator's own loss.
    Raises:
        ValueError: another kind.
    Parity: torch's BCEWithLogitsLoss of the fake logits with ones; "minimax": minus that with
        zeros.
    """

    def __init__(self, kind: str = "non_saturating") -> None:
        if kind not in ("non_saturating", "minimax"):
            raise ValueError(f'kind must be "non_saturating" or "minimax", not "{kind}"')
        self.kind = kind

    def forward(self, fake: Array) -> float:
        """The loss of a batch.

        Args:
            fake: logits of generated images, any shape, M of them.
        Returns:
            The loss, one number.
        Raises:
            ValueError: fake is empty.
        Math: non_saturating: L = mean(-log σ(fake)),    minimax: L = mean(log(1 - σ(fake))).
        """
        ### BEGIN SOLUTION refuse empty logits, keep them, the mean of a softplus by the kind
        require_logits("fake", fake)
        self.fake = fake
        if self.kind == "minimax":
            return -softplus(fake).mean()
        return softplus(-fake).mean()
        ### END SOLUTION

    def backward(self, grad_out: float = 1.0) -> Array:
        """Gradient of the logits.

        Args:
            grad_out: dL/d(this loss), one number; 1 if nothing comes after.
        Returns:
            dL/d(fake), the shape of the logits.
        Raises:
            ValueError: grad_out is not one number.
        Math: non_saturating: -g σ(-fake) / M,    minimax: -g σ(fake) / M.
        """
        ### BEGIN SOLUTION check grad_out, then the derivative by the kind, divided by M
        require_shape("grad_out", grad_out, ())
        logits = self.fake if self.kind == "minimax" else -self.fake
        return Sigmoid().forward(logits) * (-float(grad_out) / logits.size)
        ### END SOLUTION


class Optimizer(Protocol):
    """What a step needs of an optimizer: `step` moves every parameter of one model once."""

    def step(self) -> None: ...


def require_finite(model: str, loss: float) -> None:
    """Stop a training that has diverged, before its weights become nan too.

    Raises:
        RuntimeError: the loss is nan or infinite.
    """
    if not np.isfinite(loss):
        raise RuntimeError(
            f"the loss of the {model} is {loss}: the training has diverged. Look for nan in the "
            "images and in the weights, or take a smaller learning rate"
        )


class GAN:
    """Both networks, and one step of each. Neither step moves the other's network.

    Args:
        generator: latent vectors (N, Z) to images (N, D).
        discriminator: images (N, D) to logits (N, 1); each image by itself.
        generator_optimizer, discriminator_optimizer: each moves the parameters of its network.
        kind: of the GeneratorLoss.
    Raises:
        ValueError: another kind.
    """

    def __init__(
        self,
        generator: Module,
        discriminator: Module,
        generator_optimizer: Optimizer,
        discriminator_optimizer: Optimizer,
        kind: str = "non_saturating",
    ) -> None:
        self.generator, self.discriminator = generator, discriminator
        self.generator_optimizer = generator_optimizer
        self.discriminator_optimizer = discriminator_optimizer
        self.discriminator_loss, self.generator_loss = DiscriminatorLoss(), GeneratorLoss(kind)

    def discriminator_step(self, real: Array, z: Array) -> float:
        """Move the discriminator once: real images up, generated ones down.

        Args:
            real: real images, shape (N, D).
            z: latent vectors, shape (M, Z).
        Returns:
            The discriminator's loss before the step.
        Raises:
            ValueError: a shape is wrong.
            RuntimeError: the loss is nan or infinite. Nothing has moved then.
        What is left: the discriminator's gradients are those of this loss alone, whatever they
            were before. The generator's parameters and gradients are as they were: to this step
            the generated images are constants.
        """
        ### BEGIN SOLUTION images of z, logits of both, the loss, and its gradients to D alone; step
        fake = self.generator.forward(z)
        # One forward for both: a module remembers its last input, and backward needs it.
        logits = self.discriminator.forward(np.concatenate([real, fake]))
        loss = self.discriminator_loss.forward(logits[: len(real)], logits[len(real) :])
        require_finite("discriminator", loss)
        self.discriminator.zero_grad()
        self.discriminator.backward(np.concatenate(self.discriminator_loss.backward()))
        self.discriminator_optimizer.step()
        return loss
        ### END SOLUTION

    def generator_step(self, z: Array) -> float:
        """Move the generator once, so that the discriminator takes its images for real.

        Args:
            z: latent vectors, shape (M, Z).
        Returns:
            The generator's loss before the step.
        Raises:
            ValueError: z has another shape.
            RuntimeError: the loss is nan or infinite. Nothing has moved then.
        What is left: the generator's gradients are those of this loss alone. The discriminator's
            parameters are as they were, and its gradients are zero: what came through it on the
            way to the images is not its own.
        """
        ### BEGIN SOLUTION loss of the images of z, its gradient through D into G; clear D's; step
        loss = self.generator_loss.forward(self.discriminator.forward(self.generator.forward(z)))
        require_finite("generator", loss)
        self.generator.zero_grad()
        self.generator.backward(self.discriminator.backward(self.generator_loss.backward()))
        self.discriminator.zero_grad()
        self.generator_optimizer.step()
        return loss
        ### END SOLUTION
