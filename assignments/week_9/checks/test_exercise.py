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
    fresh = notebook.call("draw_latents", rng.standard_normal((400, LATENT)))
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
