"""A module for a worker to hold, with all kinds of answers and ends."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from autograder.sandbox.launch import Limits

CODE = """
    import os
    import numpy as np
    print("imported")

    def echo(value):
        return value

    def layout(array):
        return [array.flags.c_contiguous, array.flags.f_contiguous, array.flags.writeable]

    def say(text, stream=None):
        print(text)
        return len(text)

    def fail(message="no"):
        raise TypeError(message)

    class Meta(type):
        @property
        def __name__(self):
            raise KeyboardInterrupt

    class Nameless(Exception, metaclass=Meta):
        pass

    def hide():
        raise Nameless("but with words")

    def leave(status):
        os._exit(status)

    def hang():
        while True:
            pass

    def odd(kind):
        return {
            "big": np.arange(3, dtype=">f8"),
            "object": np.array([None, 1]),
            "text": np.array(["a"]),
            "huge": 1 << 80,
            "set": {1, 2},
            "surrogate": "\\ud800",
            "number": np.float64(1.5),
            "subclass": np.ma.masked_array([1.0, 2.0]),
            "dictionary": {(1, 2): 3},
        }[kind]

    class Box(dict):
        name = "a box"
        def __init__(self, *items):
            super().__init__(items=list(items))
        def count(self):
            return len(self["items"])

    class Layer:
        def __init__(self, scale=1.0, rng=None):
            self.scale, self.rng, self.inner = scale, rng, Stub()
            self.made = []
        def forward(self, x):
            self.made.append("forward")
            if x.ndim != 1:
                raise ValueError(f"an input of shape {x.shape}")
            x += 1
            return x * self.scale
        def backward(self, grad):
            self.made.append("backward")
            if grad.ndim != 1:
                raise ValueError(f"a gradient of shape {grad.shape}")
            return [grad, {"itself": self}]

    class Stub:
        def forward(self, x):
            raise NotImplementedError("week_1/code.py: Stub.forward")
"""
LIMITS = Limits(check_seconds=120.0, total_seconds=600.0)


def folder(tmp_path: Path) -> Path:
    week = tmp_path / "root" / "week_1"
    if not week.is_dir():
        week.mkdir(parents=True)
        (week / "__init__.py").touch()
        (week / "code.py").write_text(dedent(CODE))
        (week / "ends.py").write_text("import os; os._exit(4)\n")
        (week / "stops.py").write_text("while True: pass\n")
        (week / "wrong.py").write_text("x = 1\ndef f(:\n    pass\n")
    return tmp_path / "root"
