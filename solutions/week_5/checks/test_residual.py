"""ResidualBlock: output, gradients of both paths, and the module inside."""

import numpy as np
import pytest

from autograder.layers import strided


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


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=2, needs="test_residual_block_forward")
def test_residual_block_nested(make_block, rng, parity):
    """ResidualBlock: a block in a block"""
    x, grad_out = rng.standard_normal((2, 5, 4))
    both(make_block(depth=2), x, grad_out, parity)


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_mode(make_block, rng, parity):
    """ResidualBlock: train and eval reach the module, forward leaves the mode alone"""
    block, x = make_block(), rng.standard_normal((5, 4))
    parity("output", block.module.forward(x), block.expect(x).output)
    for switch, mode in (("eval", False), ("train", True)):
        getattr(block.module, switch)()
        block.module.forward(x)
        parity.equal(f"training, in {switch} mode", block.linear.read("training"), mode)


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_float32(make_block, rng, parity):
    """ResidualBlock: float32 stays float32"""
    x, grad_out = rng.standard_normal((2, 5, 4)).astype(np.float32)
    both(make_block(dtype=np.float32), x, grad_out, parity)


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_unchanged_inputs(student, given, make_block, contract, rng, parity):
    """ResidualBlock: inputs are not changed, also around a module that hands back what it gets"""
    block, (x, grad_out) = make_block(), rng.standard_normal((2, 5, 4))
    expected = block.expect(x, grad_out)
    got = contract.untouched(block.module, {"the input": x}, {"grad_out": grad_out})
    parity("output", got[0], expected.output)
    parity("gradient of the input", got[1], expected.grad_input)
    identity = student.residual.ResidualBlock(given.module.Sequential())
    named = {"the input of x + x": x}, {"grad_out of x + x": grad_out}
    got = contract.untouched(identity, *named)
    parity("output of x + x", got[0], 2 * x)
    parity("gradient of the input of x + x", got[1], 2 * grad_out)


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_batch_of_one(make_block, rng, parity):
    """ResidualBlock: a batch of one"""
    x, grad_out = rng.standard_normal((2, 1, 4))
    both(make_block(), x, grad_out, parity)


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_second_call(make_block, rng, parity):
    """ResidualBlock: a second call with another shape"""
    block, other = make_block(), make_block()
    block.module.forward(rng.standard_normal((5, 4)))
    x, grad_out = rng.standard_normal((2, 3, 4))
    expected = block.expect(x, grad_out)
    parity("output of the second call", block.module.forward(x), expected.output)
    other.module.forward(rng.standard_normal((5, 4)))  # must not disturb the first block
    got = block.module.backward(grad_out)
    parity("gradient of the second call", got, expected.grad_input)


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_non_contiguous(make_block, rng, parity):
    """ResidualBlock: inputs that are views"""
    block, (x, grad_out) = make_block(), rng.standard_normal((2, 5, 4))
    expected = block.expect(x, grad_out)
    got = block.module.forward(np.asfortranarray(x))
    parity("output for a transposed view", got, expected.output)
    got = block.module.forward(strided(x))
    parity("output for every second column", got, expected.output)
    got = block.module.backward(strided(grad_out))
    parity("gradient of the input", got, expected.grad_input)


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_large_backward(make_block, rng, parity):
    """ResidualBlock: gradient of a large input"""
    block, (x, grad_out) = make_block(), rng.standard_normal((2, 500, 4))
    expected = block.expect(x, grad_out).grad_input
    # The same rows 25 times: 25 times as much to do, and nothing more to expect.
    block.module.forward(np.tile(x, (25, 1)))
    got = block.module.backward(np.tile(grad_out, (25, 1)))
    parity("gradient of the input", got, np.tile(expected, (25, 1)))


@pytest.mark.check(needs="test_residual_block_forward")
def test_residual_block_wrong_shape(student, weeks, make_block, contract, rng, parity):
    """ResidualBlock: a module that changes the shape is an error, or another grad_out"""
    x, grad_out = rng.standard_normal((2, 5, 4))
    for width in (1, 3):
        block = student.residual.ResidualBlock(weeks(1).linear.Linear(4, width))
        contract.refuses(f"an output (5, {width})", lambda b=block: b.forward(x))
    block = student.residual.ResidualBlock(weeks(2).flatten.Flatten(0, 1))
    images = rng.standard_normal((5, 1, 4))  # NumPy would add (5, 4) to it
    contract.refuses("an output (5, 4) for (5, 1, 4)", lambda b=block: b.forward(images))
    block = make_block()
    block.module.forward(x)
    for shape in ((1, 4), (5, 1), (4,), (1, 5, 4), (20,)):
        wrong = rng.standard_normal(shape)
        what = f"a grad_out of shape {shape} for the output (5, 4)"
        contract.refuses(what, lambda g=wrong: block.module.backward(g))
    both(block, x, grad_out, parity)


### END HIDDEN TESTS
