"""A residual connection: the input of a module is added to its output.

    y = x + F(x)

The gradient reaches x over both paths, and the first of them lets it through as it is.
"""

from __future__ import annotations

from given.module import Array, Module
from given.shapes import require_shape


class ResidualBlock(Module):
    """Adds its input to the output of any module that keeps the shape.

    What the module learns is the difference to the identity. The gradient reaches the
    input unweakened over the first path, however deep the stack of blocks.

    Args:
        module: F, the inner module. train(), eval() and parameters() reach it, because it
            is an attribute.
    Parity: x + module(x), with any torch.nn.Module.
    """

    def __init__(self, module: Module) -> None:
        self.module = module

    def forward(self, x: Array) -> Array:
        """Add the two paths.

        Args:
            x: any shape.
        Returns:
            y, the shape of x.
        Raises:
            ValueError: F(x) has another shape than x.
        Math: y = x + F(x).
        """
        # TODO run the module, compare the shapes, add its input to its output
        raise NotImplementedError("week_5/residual.py: ResidualBlock.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; the module adds to its own parameters' grad.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Raises:
            ValueError: grad_out has another shape than y; F's own backward refuses it.
        Math: x reaches y over two paths, so their gradients add up: dx = g + (∂F/∂x)ᵀ g.
        """
        # TODO the gradient of each path; their sum
        raise NotImplementedError("week_5/residual.py: ResidualBlock.backward")
