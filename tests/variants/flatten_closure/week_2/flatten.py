"""normalize_axis_index finds the axes (its error is a ValueError), a closure undoes the reshape."""

from given.module import Array, Module
from given.shapes import require_shape
from numpy.lib.array_utils import normalize_axis_index


class Flatten(Module):
    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, x: Array) -> Array:
        first = normalize_axis_index(self.start_dim, x.ndim)
        last = normalize_axis_index(self.end_dim, x.ndim)
        if first > last:
            raise ValueError(f"axis {first} comes after axis {last} in shape {x.shape}")
        size = 1
        for length in x.shape[first : last + 1]:
            size *= length
        shape, x_shape = x.shape[:first] + (size,) + x.shape[last + 1 :], x.shape

        def undo(grad_out):
            require_shape("grad_out", grad_out, shape)
            return grad_out.reshape(x_shape)

        self._undo = undo
        return x.reshape(shape)

    def backward(self, grad_out: Array) -> Array:
        return self._undo(grad_out)
