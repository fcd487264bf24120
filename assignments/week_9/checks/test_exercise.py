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
