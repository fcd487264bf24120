"""Small cases of ResidualBlock: around tanh(x Wᵀ + b), and around another block."""

from functools import partial

import numpy as np

from autograder.layers import Probe, as_float32


class Block:
    """A block of `width` features, with blocks around it, and what is expected of it."""

    def __init__(self, scene, width, depth=1, dtype=np.float64):
        self.scene, self.depth = scene, depth
        shapes = {"weight": (width, width), "bias": (width,)}
        draw = scene.rng.standard_normal
        self.parameters = {n: (draw(shape) / 4).astype(dtype) for n, shape in shapes.items()}
        self.linear = scene.weeks(1).linear.Linear(width, width)
        self.linear.load_state_dict(self.parameters)
        tanh = scene.weeks(1).activations.Tanh()
        self.module = scene.given.module.Sequential(self.linear, tanh)
        for _ in range(depth):
            self.module = scene.student.residual.ResidualBlock(self.module)

    def expect(self, x, grad_out):
        return self.scene.oracle.residual(
            **self.parameters, x=x, grad_out=grad_out, depth=self.depth
        )


def case(what, run, *args):
    return Probe(
        "ResidualBlock", f"ResidualBlock around tanh(x Wᵀ + b), {what}", partial(run, *args)
    )


def around(shape, depth=1):
    """Output, gradient of the input, and those of the module inside after each of two backwards."""

    def run(scene):
        block, parity = Block(scene, shape[-1], depth), scene.parity
        x, grad_out = scene.rng.standard_normal(shape), scene.rng.standard_normal(shape)
        expected = block.expect(x, grad_out)
        parity("output", block.module.forward(x), expected.output)
        parity("gradient of the input", block.module.backward(grad_out), expected.grad_input)
        for when, times in (("", 1.0), (" after a second backward", 2.0)):
            for name in block.parameters:
                wanted = times * getattr(expected, f"grad_{name}")
                parity(f"gradient of {name}{when}", block.linear.read(f"{name}.grad"), wanted)
            if not when:
                block.module.forward(x)
                block.module.backward(grad_out)

    blocks = "" if depth == 1 else f", {depth} blocks"
    return case(f"x of shape {shape}{blocks}", run)


def single(shape):
    """Output and gradient of the input in float32."""

    def run(scene):
        block = Block(scene, shape[-1], dtype=np.float32)
        x, grad_out = (as_float32(scene.rng.standard_normal(shape)) for _ in range(2))
        expected = block.expect(x, grad_out)
        scene.parity("output", block.module.forward(x), as_float32(expected.output))
        got, wanted = block.module.backward(grad_out), as_float32(expected.grad_input)
        scene.parity("gradient of the input", got, wanted)

    return case(f"x of float32 and shape {shape}", run)


def untouched(shape):
    """Neither the input nor grad_out is changed."""

    def run(scene):
        block = Block(scene, shape[-1])
        x, grad_out = scene.rng.standard_normal(shape), scene.rng.standard_normal(shape)
        kept = {"the input": scene.worker.keep(x), "grad_out": scene.worker.keep(grad_out)}
        block.module.forward(kept["the input"])
        block.module.backward(kept["grad_out"])
        for name, value in (("the input", x), ("grad_out", grad_out)):
            scene.parity(name, scene.worker.fetch(kept[name]), value)

    return case(f"what becomes of x and grad_out of shape {shape}", run)


def around_nothing(shape):
    """A module that does nothing hands back grad_out itself, which stays as it is."""

    def run(scene):
        block = scene.student.residual.ResidualBlock(scene.given.module.Sequential())
        block.forward(scene.rng.standard_normal(shape))
        grad_out = scene.rng.standard_normal(shape)
        kept = scene.worker.keep(grad_out)
        block.backward(kept)
        scene.parity("grad_out", scene.worker.fetch(kept), grad_out)

    return Probe("ResidualBlock", f"ResidualBlock around nothing, grad_out of shape {shape}", run)


def modes(shape):
    """forward leaves the mode of the module inside as eval() and train() have set it."""

    def run(scene):
        block = Block(scene, shape[-1])
        for switch, mode in (("eval", False), ("train", True)):
            getattr(block.module, switch)()
            block.module.forward(scene.rng.standard_normal(shape))
            label = f"training, in {switch} mode"
            scene.parity.equal(label, block.linear.read("training"), mode)

    return case(f"the mode of the module inside, x of shape {shape}", run)


def refused(width):
    """An output of another shape than the input is an error."""

    def run(scene):
        block = scene.student.residual.ResidualBlock(scene.weeks(1).linear.Linear(2, width))
        call = partial(block.forward, scene.rng.standard_normal((3, 2)))
        scene.parity.refuses("an output of another shape", call, "a ValueError")

    return Probe(
        "ResidualBlock", f"ResidualBlock around Linear(2, {width}), x of shape (3, 2)", run
    )


def joined(shape):
    """So it is where NumPy would broadcast."""

    def run(scene):
        block = scene.student.residual.ResidualBlock(scene.weeks(2).flatten.Flatten(0, 1))
        call = partial(block.forward, scene.rng.standard_normal(shape))
        scene.parity.refuses("an output of another shape", call, "a ValueError")

    return Probe("ResidualBlock", f"ResidualBlock around Flatten(0, 1), x of shape {shape}", run)


PROBES = [
    *map(around, ((1, 1), (1, 2), (2, 1), (2, 2), (4, 3), (2, 1, 3))),
    around((1, 1), depth=2),
    around((2, 3), depth=3),
    single((1, 2)),
    single((2, 3)),
    untouched((1, 1)),
    untouched((2, 3)),
    around_nothing((1, 1)),
    around_nothing((2, 3)),
    modes((1, 1)),
    modes((2, 2)),
    refused(1),
    joined((3, 1, 2)),
]
