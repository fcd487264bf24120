"""The notebook of week 9: a GAN draws digits."""

import numpy as np
import pytest

LATENT = 16


@pytest.mark.check(weight=4)
@pytest.mark.usefixtures("figures")
def test_samples(notebook, parity, digits, judge, rng):
    """Digits that the trained generator draws"""
    images, labels = digits
    real = 2 * images.reshape(-1, 64) - 1
    kept = parity.array("samples", notebook.read("samples"), (1000, 64))
    z, small = rng.standard_normal((2, 400, LATENT))
    fresh = notebook.call("draw_latents", z)
    fresh = parity.array("what draw_latents returns", fresh, (400, 64))
    reader, held_out = judge(real[:1347], labels[:1347]), real[1347:]
    for what, drawn in (("samples", kept), ("samples of other z", fresh)):
        finite = bool(np.isfinite(drawn).all())
        parity.holds(f"{what}, pixels", finite, f"{what}: there are nan or infinite pixels")
        if finite:
            found = reader.report(drawn.clip(-2, 2), held_out)
            message = f"{what}: only {found.classes} of ten digits are at least 2 % of them"
            parity.holds(f"{what}, classes", found.classes >= 9, message)
            message = (
                f"{what}: Fréchet distance {found.feature_distance:.1f}, at most 30 is allowed"
            )
            parity.holds(f"{what}, features", found.feature_distance <= 30, message)
            message = f"{what}: many are copies of real digits"
            parity.holds(f"{what}, new ones", found.novelty >= 0.8, message)
    beside = notebook.call("draw_latents", z + 0.1 * small)
    moved = np.linalg.norm(parity.array("samples beside them", beside, (400, 64)) - fresh, axis=1)
    usual = np.linalg.norm(fresh - fresh[::-1], axis=1)
    message = "a small step of z changes the image altogether: it isn't drawn, it is looked up"
    parity.holds("small steps of z", moved.mean() <= 0.3 * usual.mean(), message)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=3)
def test_to_rows(notebook, parity, digits, rng):
    """Digits in the generator's interval"""
    images, _ = digits
    some = images[rng.permutation(len(images))[:20]]
    wanted = (2 * some.reshape(20, 64) - 1).astype(np.float32)
    parity("rows of other digits", notebook.call("to_rows", some), wanted)


@pytest.mark.check(weight=3)
def test_grid(notebook, parity, rng):
    """Many images as one picture"""
    for rows, columns in ((2, 3), (4, 2)):
        tiles = rng.standard_normal((rows, columns, 8, 8))
        wanted = np.block([list(row) for row in tiles])
        got = notebook.call("grid", tiles.reshape(-1, 64), rows, columns)
        parity(f"a grid of {rows} by {columns}", got, wanted)


@pytest.mark.check(weight=4)
def test_losses(notebook, parity, worker, rng):
    """Both losses while training"""
    first, second = parity.parts("losses", notebook.read("losses"), 2)
    balanced(parity, "discriminator", parity.array("discriminator's", first, (700,)), 0.7, 1.5)
    balanced(parity, "generator", parity.array("generator's", second, (700,)), 0.4, 2.0)
    # Another pair, on images of one gray: the discriminator learns it in no time.
    model = notebook.make("make_gan", 60, worker.generator(int(rng.integers(1 << 31))))
    before = first_weights(parity, model)
    gray = np.full((100, 64), rng.uniform(-0.5, 0.5), np.float32)
    seed = int(rng.integers(1 << 31))
    again = notebook.call("train", model, gray, 60, worker.generator(seed))
    one, two = parity.parts("what train returns", again, 2)
    one = parity.array("another discriminator's losses", one, (60,))
    two = parity.array("another generator's losses", two, (60,))
    start = abs(one[0] - np.log(4)) < 0.5 and abs(two[0] - np.log(2)) < 0.5
    parity.holds("at first", start, f"another pair begins with {one[0]:.2f} and {two[0]:.2f}")
    last = float(one[-10:].mean())
    message = f"60 steps on gray images: the discriminator's loss is still {last:.2f}"
    parity.holds("another discriminator", last < 0.97 * np.log(4), message)
    after = first_weights(parity, model)
    for name, weights in before.items():
        moved = bool((after[name] != weights).any())
        parity.holds(f"the {name} moves", moved, f"train doesn't move the {name}")


def first_weights(parity, model):
    """The first weights of both networks of a pair."""
    shapes = {"generator": (64, LATENT), "discriminator": (128, 64)}
    return {
        name: parity.array(f"{name}.layers.0.weight", model.read(f"{name}.layers.0.weight.data"), s)
        for name, s in shapes.items()
    }


def balanced(parity, name, losses, low, high):
    last = float(losses[-100:].mean())
    message = f"the {name}'s loss ends with {last:.2f}, not between {low} and {high}"
    parity.holds(f"last of the {name}", low < last < high, message)
    varied = float(np.std(losses)) > 0.01
    parity.holds(f"losses of the {name}", varied, f"the {name}'s losses are all alike")


@pytest.mark.check(weight=6)
def test_walk(notebook, parity, rng):
    """A walk from one latent vector to another"""
    for count in (7, 10):
        start, end = rng.standard_normal((2, LATENT))
        cosine = start @ end / np.sqrt((start @ start) * (end @ end))
        angle, t = np.arccos(cosine), np.linspace(0, 1, count)[:, np.newaxis]
        wanted = (np.sin((1 - t) * angle) * start + np.sin(t * angle) * end) / np.sin(angle)
        parity(f"a walk of {count}", notebook.call("walk", start, end, count), wanted)
    images = parity.array("its images", notebook.call("draw_latents", wanted), (10, 64))
    one = parity.array("one alone", notebook.call("draw_latents", wanted[3:4]), (1, 64))
    apart = float(np.abs(images[3] - one[0]).max())
    message = "an image depends on the others drawn with it: use evaluation mode"
    parity.holds("one image by itself", apart < 1e-4, message)
    steps = np.linalg.norm(np.diff(images, axis=0), axis=1)
    moved = float(steps.sum()) > 0.5 and float(steps.max()) < 0.9 * float(steps.sum())
    parity.holds("small steps", moved, "the images of a walk don't change step by step")


### END HIDDEN TESTS
