"""Digits that a GAN draws, judged by a network that reads real ones."""

import numpy as np
import pytest

LATENT, STEPS, EVERY, BATCH, RATE = 16, 1500, 50, 64, 0.001
SAMPLES, ROWS, COLUMNS = 1000, 3, 6


def scaled(images):
    """Images (N, 64) with pixels in [-1, 1]."""
    return 2 * images.reshape(-1, 64) - 1


def trained(student, given, weeks, training, parity, images):
    """A generator that learned from these images, in the worker; both losses go into the report."""
    generator = student.gan.Generator(rng=training.generator())
    discriminator = student.gan.Discriminator(rng=training.generator())
    steps = []
    for network in (generator, discriminator):
        network.to("float32")
        adam = weeks(3).optim.Adam(network.parameters(), RATE, (0.5, 0.9))
        steps.append(given.sequences.WarmUpAndDecay(adam, STEPS, 1))
    gan = student.gan.GAN(generator, discriminator, *steps)
    options = {"steps": STEPS, "batch_size": BATCH, "every": EVERY, "rng": training.generator()}
    losses = given.adversarial.fit(gan, images.astype(np.float32), LATENT, **options)
    for name in ("discriminator", "generator"):
        means = parity.array(f"loss of the {name}", parity.item(losses, name), (STEPS // EVERY,))
        training.draw(name, means.tolist())
    return generator


def tiles(samples):
    """The first samples as one picture, between 0 and 1."""
    grid = samples[: ROWS * COLUMNS].reshape(ROWS, COLUMNS, 8, 8)
    return (grid.transpose(0, 2, 1, 3).reshape(ROWS * 8, COLUMNS * 8) + 1) / 2


def drawn(generator, z, parity, what):
    """What it makes of these latent vectors, in evaluation mode."""
    generator.eval()
    images = generator.forward(z.astype(np.float32))
    return parity.array(what, images, (len(z), 64))


def steadiness(generator, rng, parity):
    """How small the step of an image is that belongs to a small step of z: from 0 to 1.

    Between independent z it is 1 long, on average. A generator that looks images up jumps.
    """
    z, small = rng.standard_normal((2, 300, LATENT))
    images = drawn(generator, z, parity, "samples")
    moved = drawn(generator, z + 0.1 * small, parity, "samples beside them") - images
    usual = np.linalg.norm(images - images[::-1], axis=1).mean()
    return 1 - min(1.0, np.linalg.norm(moved, axis=1).mean() / max(usual, 1e-9))


@pytest.mark.accuracy
@pytest.mark.check(weight=8, needs=["test_gan_discriminator_step", "test_gan_generator_step"])
def test_drawn_digits(student, given, weeks, training, parity, rng, split_digits, judge):
    """GAN: draws digits that are new, of all ten classes, and like real ones"""
    x, labels, x_test, _ = split_digits()
    generator = trained(student, given, weeks, training, parity, scaled(x))
    samples = drawn(generator, rng.standard_normal((SAMPLES, LATENT)), parity, "samples")
    if not np.isfinite(samples).all():
        raise parity.wrong("values", "the generator draws nan or infinite pixels")
    samples = samples.clip(-2, 2)
    parity.picture("Samples", tiles(samples), "-1", "1")
    found = judge(scaled(x), labels).report(samples, scaled(x_test))
    # Each from 0 to 1, and as good as the worst: alone, each of them is easily deceived.
    measured = {
        "features like those of real digits": 1 / (1 + found.feature_distance / 10),
        "pixels like those of real digits": 1 / (1 + found.pixel_distance / 5),
        "classes that appear, of ten": found.classes / 10,
        "distance to stored images": min(found.novelty, 1.0),
        "small steps for small steps of z": steadiness(generator, rng, parity),
    }
    worst = min(measured, key=measured.get)
    training.reaches(f"{worst}, the worst of five measures", measured[worst])
