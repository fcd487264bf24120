"""The three terms of the gradient of a normalization, and the two of its output."""

import numpy as np


def weight_of(asked, shape):
    """γ and β as arrays that broadcast to `shape`: 1 and 0 where there are none."""
    state = asked("load_state_dict")
    if not state:
        return 1.0, 0.0
    return tuple(state[0][name].reshape(shape) for name in ("weight", "bias"))


def normalized(x, axes, eps):
    """x̂ and 1/σ over these axes."""
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var + eps), 1 / np.sqrt(var + eps)


def gradient(x, g, weight, axes, eps):
    x_hat, scale = normalized(x, axes, eps)
    g = g * weight
    return {
        "the term γg/σ": g * scale,
        "the term mean(γg)/σ": -g.mean(axis=axes, keepdims=True) * scale * np.ones(x.shape),
        "the term x̂·mean(γg·x̂)/σ": -x_hat * (g * x_hat).mean(axis=axes, keepdims=True) * scale,
    }


def output(x, weight, bias, axes, eps):
    x_hat, _ = normalized(x, axes, eps)
    return {"the term γ·x̂": weight * x_hat, "the term β": bias + np.zeros(x.shape)}


def of_layers(formula):
    """The terms of LayerNorm, which normalizes over the last axes."""

    def terms(asked):
        (x,), (g,) = asked("forward"), asked("backward")
        shape = asked.made[0] if isinstance(asked.made[0], tuple) else (asked.made[0],)
        axes = tuple(range(x.ndim - len(shape), x.ndim))
        weight, bias = weight_of(asked, shape)
        return formula(x, g, weight, bias, axes, asked.options.get("eps", 1e-5))

    return terms


def of_batches(formula):
    """The terms of BatchNorm in training, which normalizes over all axes but that of channels."""

    def terms(asked):
        if "eval" in asked.calls or not (asked("forward") and asked("backward")):
            return {}
        (x,), (g,) = asked("forward"), asked("backward")
        axes = tuple(axis for axis in range(x.ndim) if axis != 1)
        weight, bias = weight_of(asked, (-1, *[1] * (x.ndim - 2)))
        return formula(x, g, weight, bias, axes, asked.options.get("eps", 1e-5))

    return terms


def of_gradient(x, g, weight, _bias, axes, eps):
    return gradient(x, g, weight, axes, eps)


def of_output(x, _g, weight, bias, axes, eps):
    return output(x, weight, bias, axes, eps)


LAYERS = {"output": of_layers(of_output), "gradient of the input": of_layers(of_gradient)}
BATCHES = {"output": of_batches(of_output), "gradient of the input": of_batches(of_gradient)}
TERMS = {"LayerNorm": LAYERS, "BatchNorm1d": BATCHES, "BatchNorm2d": BATCHES}
