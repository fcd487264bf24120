"""The two terms of softmax's gradient in those of query and key, where there is no mask."""

import numpy as np


def scores(asked):
    """Both terms of the gradient of the scores, and what they are multiplied by."""
    query, key, value = asked("forward")[:3]
    (grad,) = asked("backward")
    depth = query.shape[-1]
    s = query @ np.swapaxes(key, -1, -2) / np.sqrt(depth)
    p = np.exp(s - s.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    moved = grad @ np.swapaxes(value, -1, -2)
    total = (p * moved).sum(axis=-1, keepdims=True)
    return {"the term w·g": p * moved, "the term w·Σ w·g": -p * total}, np.sqrt(depth)


def of_query(asked):
    terms, root = scores(asked)
    return {name: term @ asked("forward")[1] / root for name, term in terms.items()}


def of_key(asked):
    terms, root = scores(asked)
    query = asked("forward")[0]
    return {name: np.swapaxes(term, -1, -2) @ query / root for name, term in terms.items()}


TERMS = {
    "ScaledDotProductAttention": {"gradient of query": of_query, "gradient of key": of_key},
}
