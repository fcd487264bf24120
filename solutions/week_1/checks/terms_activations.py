"""The terms of the gradients of week 1's activations, as the handout has them."""

import numpy as np


def sigmoid(asked):
    """g·y − g·y²"""
    (x,), (g,) = asked("forward"), asked("backward")
    y = 1 / (1 + np.exp(-x))
    return {"the term g·y": g * y, "the term g·y²": -g * y * y}


def tanh(asked):
    """g − g·y²"""
    (x,), (g,) = asked("forward"), asked("backward")
    return {"the term g": g, "the term g·y²": -g * np.tanh(x) ** 2}


def softmax(asked):
    """y·g − y·Σ g·y"""
    (x,), (g,) = asked("forward"), asked("backward")
    axis = asked.options.get("dim", -1)
    y = np.exp(x - x.max(axis=axis, keepdims=True))
    y /= y.sum(axis=axis, keepdims=True)
    total = (g * y).sum(axis=axis, keepdims=True)
    return {"the term y·g": y * g, "the term y·Σ g·y": -y * total}


TERMS = {
    "Sigmoid": {"gradient of the input": sigmoid},
    "Tanh": {"gradient of the input": tanh},
    "Softmax": {"gradient of the input": softmax},
}
