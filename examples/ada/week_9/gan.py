"""A GAN. Losses are written with logaddexp, networks are made from a table of widths."""

from itertools import pairwise

import numpy as np
from given.activations import LeakyReLU
from given.module import Module, Sequential
from given.shapes import require_shape
from week_1.activations import ReLU, Tanh
from week_1.linear import Linear
from week_5.normalization import BatchNorm1d


class Network(Module):
    """Layers one after another, for inputs (N, width)."""

    def __init__(self, width, layers):
        self.width, self.layers = width, layers

    def forward(self, x):
        require_shape("the input", x, ("N", self.width))
        return Sequential(*self.layers).forward(x)

    def backward(self, grad_out):
        return Sequential(*self.layers).backward(grad_out)


class Generator(Network):
    def __init__(self, latent_dim=16, hidden=(64, 128), features=64, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        layers = []
        for before, after in pairwise((latent_dim, *hidden)):
            layers.extend((Linear(before, after, rng=rng), BatchNorm1d(after), ReLU()))
        last = (latent_dim, *hidden)[-1]
        super().__init__(latent_dim, [*layers, Linear(last, features, rng=rng), Tanh()])

    def sample(self, count, rng):
        if count < 1:
            raise ValueError(f"{count} samples are none: ask for at least 1")
        mode = self.training
        self.train(False)
        images = self.forward(rng.standard_normal((count, self.width)))
        self.train(mode)
        return images


class Discriminator(Network):
    def __init__(self, features=64, hidden=(128, 64), negative_slope=0.2, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        layers = []
        for before, after in pairwise((features, *hidden)):
            layers.extend((Linear(before, after, rng=rng), LeakyReLU(negative_slope)))
        last = (features, *hidden)[-1]
        super().__init__(features, [*layers, Linear(last, 1, rng=rng)])


def softplus(x):
    return np.logaddexp(np.zeros((), x.dtype), x)


def sigmoid(x):
    return np.exp(-softplus(-x))


def checked(logits):
    if logits.size == 0:
        raise ValueError("no logits, no loss")
    return logits


class DiscriminatorLoss(Module):
    def forward(self, real, fake):
        self.real, self.fake = checked(real), checked(fake)
        return np.mean(softplus(-real)) + np.mean(softplus(fake))

    def backward(self, grad_out=1.0):
        require_shape("grad_out", grad_out, ())
        g = float(grad_out)
        return -g * sigmoid(-self.real) / self.real.size, g * sigmoid(self.fake) / self.fake.size


class GeneratorLoss(Module):
    """log(1 - D) is -softplus(s); -log D is softplus(-s): the same with both signs turned."""

    def __init__(self, kind="non_saturating"):
        if kind not in ("minimax", "non_saturating"):
            raise ValueError(f"there is no kind {kind}: minimax or non_saturating")
        self.sign = 1 if kind == "minimax" else -1

    def forward(self, fake):
        self.fake = checked(fake)
        return -self.sign * np.mean(softplus(self.sign * fake))

    def backward(self, grad_out=1.0):
        require_shape("grad_out", grad_out, ())
        return -float(grad_out) * sigmoid(self.sign * self.fake) / self.fake.size


class GAN:
    def __init__(
        self,
        generator,
        discriminator,
        generator_optimizer,
        discriminator_optimizer,
        kind="non_saturating",
    ):
        self.generator, self.discriminator = generator, discriminator
        self.optimizers = generator_optimizer, discriminator_optimizer
        self.losses = GeneratorLoss(kind), DiscriminatorLoss()

    def discriminator_step(self, real, z):
        both = np.vstack((real, self.generator(z)))
        parts = np.split(self.discriminator(both), [len(real)])
        value = finite(self.losses[1](*parts))
        self.discriminator.zero_grad()
        self.discriminator.backward(np.vstack(self.losses[1].backward()))
        self.optimizers[1].step()
        return value

    def generator_step(self, z):
        value = finite(self.losses[0](self.discriminator(self.generator(z))))
        kept = [parameter.grad for parameter in self.discriminator.parameters()]
        wanted = self.discriminator.backward(self.losses[0].backward())
        for parameter, grad in zip(self.discriminator.parameters(), kept, strict=True):
            parameter.grad = np.zeros_like(grad)
        self.generator.zero_grad()
        self.generator.backward(wanted)
        self.optimizers[0].step()
        return value


def finite(value):
    if not np.isfinite(value):
        raise RuntimeError(f"the loss is {value}: the weights or the images are broken")
    return value
