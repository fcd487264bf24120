"""Parameters, modules and Sequential: the frame that every layer of the course fills.

The names are PyTorch's. What PyTorch does by recording operations, a module here does by
hand: `forward` remembers what `backward` will need, and `backward` applies the chain rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]


class Parameter:
    """An array that training changes, and the gradient of the loss with respect to it.

    Args:
        data: the initial values, any shape.
    Attributes:
        data: the values.
        grad: dL/d(data), the shape of `data`; starts at zero and is *added to* by every
            `backward`, as in torch. None means: takes no part in training.
    Parity: torch.nn.Parameter.
    """

    def __init__(self, data: Array) -> None:
        self.data = np.asarray(data)
        self.grad: Array | None = np.zeros_like(self.data)

    def __repr__(self) -> str:
        return f"Parameter(shape={self.data.shape}, dtype={self.data.dtype})"


class Module:
    """A differentiable function with parameters, and parts that are modules themselves.

    A subclass writes `forward(*inputs)`, which returns the output and keeps what the
    gradient needs, and `backward(grad_out)`, which takes dL/d(output), adds to the `grad`
    of every parameter and returns dL/d(input): one array, or a tuple of one per input.

    Neither of them changes an array that it is given, and what they return has the dtype of
    what they got. `backward` refuses a gradient of another shape than the output.

    Parity: torch.nn.Module.
    """

    training = True

    def forward(self, *inputs: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no forward()")

    def backward(self, grad_out: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has no backward()")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        return self.forward(*inputs, **options)

    def children(self) -> Iterator[tuple[str, Module]]:
        """The modules held as attributes, or in lists and tuples of them, with their names."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, (list, tuple)):
                for index, item in enumerate(value):
                    if isinstance(item, Module):
                        yield f"{name}.{index}", item

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its dotted name: this module's own first, then its parts'."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield prefix + name, value
        for name, child in self.children():
            yield from child.named_parameters(f"{prefix}{name}.")

    def parameters(self) -> list[Parameter]:
        """Every parameter once, in the order of `named_parameters`."""
        return list({id(p): p for _, p in self.named_parameters()}.values())

    def zero_grad(self) -> None:
        """Set every gradient to zero, before the next batch adds to it."""
        for parameter in self.parameters():
            parameter.grad = np.zeros_like(parameter.data)

    def train(self, mode: bool = True) -> Module:
        """Switch to training (dropout drops, batch norm uses the batch), parts included."""
        self.training = mode
        for _, child in self.children():
            child.train(mode)
        return self

    def eval(self) -> Module:
        """Switch to evaluation: `train(False)`."""
        return self.train(False)

    def to(self, dtype: DTypeLike) -> Module:
        """Turn every parameter into `dtype`, float32 or float64; gradients start at zero."""
        for parameter in self.parameters():
            parameter.data = parameter.data.astype(dtype)
            parameter.grad = np.zeros_like(parameter.data)
        return self

    def state_dict(self) -> dict[str, Array]:
        """A copy of every parameter's values, by dotted name."""
        return {name: parameter.data.copy() for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Take over the values of `state`, dtype included; gradients start at zero.

        Raises:
            KeyError: the names differ from those of `named_parameters`.
            ValueError: a shape differs.
        """
        own = dict(self.named_parameters())
        if own.keys() != state.keys():
            wanted, found = ", ".join(sorted(state)), ", ".join(sorted(own))
            raise KeyError(
                f"{type(self).__name__} must have the parameters {wanted or 'none'}, "
                f"yours has {found or 'none'}"
            )
        for name, parameter in own.items():
            values = np.array(state[name])
            if values.shape != parameter.data.shape:
                raise ValueError(
                    f"{type(self).__name__}.{name} must have the shape {values.shape}, "
                    f"yours has {parameter.data.shape}"
                )
            parameter.data = values
            parameter.grad = np.zeros_like(values)


class Sequential(Module):
    """Modules one after another: the output of each is the input of the next.

    Args:
        modules: in the order in which forward runs them.
    Parity: torch.nn.Sequential.
    """

    def __init__(self, *modules: Module) -> None:
        self.modules = list(modules)

    def children(self) -> Iterator[tuple[str, Module]]:
        for index, module in enumerate(self.modules):
            yield str(index), module

    def forward(self, x: Array) -> Array:
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, grad_out: Array) -> Array:
        for module in reversed(self.modules):
            grad_out = module.backward(grad_out)
        return grad_out
