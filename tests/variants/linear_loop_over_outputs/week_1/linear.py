"""One output at a time, stacked from a generator; tensordot over all batch axes for the weight."""

import numpy as np
from given.module import Module, Parameter
from given.shapes import require_shape


class Linear(Module):
    def __init__(self, in_features, out_features, bias=True, rng=None):
        self.in_features, self.out_features = in_features, out_features
        rng = rng or np.random.default_rng()
        s = np.reciprocal(np.sqrt(float(in_features)))
        self.weight = Parameter(np.array(rng.uniform(-s, s, (out_features, in_features))))
        self.bias = None if not bias else Parameter(np.array(rng.uniform(-s, s, (out_features,))))

    def forward(self, x):
        require_shape("x", x, (..., self.in_features))
        self.x = x.copy()
        columns = [np.inner(x, row) for row in self.weight.data]
        y = np.stack(columns, axis=-1)
        if self.bias is not None:
            np.add(y, self.bias.data, out=y)
        return y

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, self.x.shape[:-1] + (self.out_features,))
        batch = list(range(grad_out.ndim - 1))
        self.weight.grad += np.tensordot(grad_out, self.x, axes=(batch, batch))
        if self.bias is not None:
            self.bias.grad += grad_out.sum(axis=tuple(batch))
        return sum(grad_out[..., k, None] * row for k, row in enumerate(self.weight.data))
