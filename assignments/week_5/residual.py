"""A residual connection: add the input of a module to its output."""

from __future__ import annotations

from given.module import Array, Module


class ResidualBlock(Module):
    """y = x + module(x), around any module whose output has the shape of its input.

    What the module learns is the difference to the identity. The gradient reaches the
    input unweakened over the first path, however deep the stack of blocks.

    Args:
        module: the inner module F. train(), eval() and parameters() reach it, because it
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
            y = x + F(x), the shape of x.
        Raises:
            ValueError: F(x) has another shape than x.
        """
        # TODO run the module, compare the shapes, add its input to its output
        raise NotImplementedError("week_5/residual.py: ResidualBlock.forward")

    def backward(self, grad_out: Array) -> Array:
        """Gradient of the loss with respect to x; the module adds to its own parameters' grad.

        Args:
            grad_out: dL/dy, the shape of y.
        Returns:
            dL/dx, the shape of x.
        Math: x reaches y over two paths, so their gradients add up:
            dx = dL/dy + (∂F/∂x)ᵀ dL/dy.
        """
        # TODO the gradient of each path; their sum
        raise NotImplementedError("week_5/residual.py: ResidualBlock.backward")
