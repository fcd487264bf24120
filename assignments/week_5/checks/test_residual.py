"""ResidualBlock: output, gradients of both paths, and the module inside."""

import numpy as np
import pytest


class Block:
    """A ResidualBlock around tanh(x Wᵀ + b), and what torch gives for it."""

    def __init__(self, student, given, weeks, oracle, rng, dtype=np.float64, depth=1):
        self.oracle, self.depth = oracle, depth
        shapes = {"weight": (4, 4), "bias": (4,)}
        self.parameters = {n: rng.standard_normal(s).astype(dtype) for n, s in shapes.items()}
        self.linear = weeks(1).linear.Linear(4, 4)
        self.linear.load_state_dict(self.parameters)
        self.module = given.module.Sequential(self.linear, weeks(1).activations.Tanh())
        for _ in range(depth):
            self.module = student.residual.ResidualBlock(self.module)

    def expect(self, x, grad_out=None):
        return self.oracle.residual(**self.parameters, x=x, grad_out=grad_out, depth=self.depth)


@pytest.fixture
def make_block(student, given, weeks, oracle, rng):
    """A function that makes a block, with other parameters each time."""
    return lambda **options: Block(student, given, weeks, oracle, rng, **options)


def both(block, x, grad_out, parity):
    """Output and gradient of the input."""
    expected = block.expect(x, grad_out)
    parity("output", block.module.forward(x), expected.output.astype(x.dtype))
    got, wanted = block.module.backward(grad_out), expected.grad_input.astype(x.dtype)
    parity("gradient of the input", got, wanted)


@pytest.mark.check(weight=2)
def test_residual_block_forward(make_block, rng, parity):
    """ResidualBlock: output"""
    block, x = make_block(), rng.standard_normal((5, 4))
    parity("output", block.module.forward(x), block.expect(x).output)


@pytest.mark.check(weight=3, needs="test_residual_block_forward")
def test_residual_block_backward(make_block, rng, parity):
    """ResidualBlock: gradient of the input"""
    block, (x, grad_out) = make_block(), rng.standard_normal((2, 5, 4))
    expected = block.expect(x, grad_out)
    block.module.forward(x)
    parity("gradient of the input", block.module.backward(grad_out), expected.grad_input)


@pytest.mark.check(weight=2, needs="test_residual_block_forward")
def test_residual_block_parameter_grads(make_block, rng, parity):
    """ResidualBlock: gradients of the module inside, added up"""
    block, total = make_block(), {"weight": 0.0, "bias": 0.0}
    for when in ("", " after a second backward"):
        x, grad_out = rng.standard_normal((2, 5, 4))
        expected = block.expect(x, grad_out)
        block.module.forward(x)
        block.module.backward(grad_out)
        for name in total:
            total[name] = total[name] + getattr(expected, f"grad_{name}")
            parity(f"gradient of {name}{when}", block.linear.read(f"{name}.grad"), total[name])
