"""A class of the library, and the promises of a layer that a check file declares of it.

A check file describes a class once, and then names what it checks, a line each:

    LINEAR = Layer("linear", "Linear", (3, 4), parameters={"weight": (4, 3), "bias": (4,)})

    test_linear_forward = LINEAR.forward((5, 3), weight=2)
    test_linear_backward = LINEAR.backward((5, 3), weight=2)

Every promise takes a `title`, which stands behind the class's name, and what `@pytest.mark.check`
takes. Unless they are given, the title says what the promise is, the weight is 1, and all but
`forward` need the class's `test_<class>_forward`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray

from autograder.checking.declared import Check, check
from autograder.layers.contract import Contract
from autograder.layers.initial import initial
from autograder.layers.large import large_backward
from autograder.layers.probing import extreme_probe, probe, probes
from autograder.layers.promising import initial as starts
from autograder.layers.promising import promises
from autograder.probes.probe import Probe
from autograder.sandbox.remote import Remote
from autograder.sandbox.together import Later, Together

Array = NDArray[Any]
Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, Shape], Any]


class Marks(TypedDict, total=False):
    """What every promise takes beside its own arguments."""

    title: str
    weight: int
    needs: str | Sequence[str]


@dataclass(frozen=True)
class Layer:
    """A class of the library, how to make one, and the torch.nn class that it stands for.

    Attributes:
        module: the file that students write, without `.py`.
        args, options: what one is made with, by position and by name.
        parameters: the shapes of its parameters, by name; checks draw their values.
        draw: draws an input of a shape, or a list of several; standard normal if not given.
        draw_target: of a loss: draws the target that belongs to an input of a shape.
        torch_name: if the class has another name in torch.nn.
        oracle: of the course's oracles the one that runs torch's class; takes what `layer` takes.
        build: makes an instance, of a contract's student, where its arguments are modules.
        training: the mode that checks put it in.
        buffers: what it holds beside parameters, by name: put in its place before it is used.
    """

    module: str
    name: str
    args: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Shape] = field(default_factory=dict)
    draw: Draw | None = None
    draw_target: Draw | None = None
    torch_name: str = ""
    oracle: str = "layer"
    build: Callable[[Contract], Remote] | None = None
    training: bool = True
    buffers: Mapping[str, Array] = field(default_factory=dict)

    @property
    def call(self) -> str:
        """How one is made, for a message: "Linear(3, 4, bias=False)"."""
        arguments = [*map(repr, self.args), *(f"{n}={v!r}" for n, v in self.options.items())]
        return f"{self.name}({', '.join(arguments)}){'' if self.training else ' in evaluation'}"

    def inputs(self, rng: np.random.Generator, shape: Shape) -> list[Array]:
        """The inputs, and a target where the class is a loss."""
        x = self.draw(rng, shape) if self.draw else rng.standard_normal(shape)
        inputs = x if isinstance(x, list) else [x]
        return [*inputs, self.draw_target(rng, shape)] if self.draw_target else inputs

    def instance(self, contract: Contract, calls: Together) -> Later:
        """One of the submission's, in the worker, with its initial parameters."""
        if self.build is not None:
            return calls.of(self.build(contract))
        made = getattr(getattr(contract.student, self.module), self.name)
        return calls.make(made, *self.args, **self.options)

    def forward(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """The output; the class's main check, which all others need."""
        marks.setdefault("needs", ())
        what = "the loss" if self.draw_target else "output"
        return self.keeps(what, Contract.forward, shape, **marks)

    def backward(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """The gradient of the input."""
        return self.keeps("gradient of the input", Contract.backward, shape, **marks)

    def parameter_grads(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """The gradients of the parameters, and that a second backward adds to them."""
        what = f"gradients of {' and '.join(self.parameters)}, added up"
        return self.keeps(what, Contract.parameter_grads, shape, **marks)

    def large_backward(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """All gradients of an input so large that numerical ones don't end: 30,000 entries up."""
        return self.keeps("gradients of a large input", large_backward, shape, **marks)

    def probes(self, *shapes: Shape) -> list[Probe]:
        """A probe for each of these inputs: all that the class gives, on small whole numbers."""
        return probes(self, *shapes)

    def probe(self, x: Any, target: Any = None) -> Probe:
        """A probe for these very numbers, nested lists of them: on an edge, or with ties."""
        return probe(self, x, target)

    def promised(self, first: Shape, second: Shape, refused: Sequence[Shape] = ()) -> list[Probe]:
        """Probes of what it promises whatever its values are, for inputs of these shapes."""
        return promises(self, first, second, refused)

    def extreme_probe(self, x: Any, target: Any = None) -> Probe:
        """A probe for these numbers, which are so large that exponentials overflow."""
        return extreme_probe(self, x, target)

    def initial_probe(self, bound: float) -> Probe:
        """A probe of the parameters as they are made: uniform in ±bound, drawn from `rng`."""
        return Probe(self.name, f"{self.call}, initial values", partial(starts, self, bound))

    def both(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """Output and gradient of the input: for other arguments of the class, or another shape."""
        return self.keeps("output and gradient", Contract.both, shape, **marks)

    def initial(self, bound: float, **marks: Unpack[Marks]) -> Check:
        """The parameters as they are made: uniform in ±bound, drawn from `rng`."""
        what = f"initial {' and '.join(self.parameters)}"
        return self.keeps(what, initial, bound, **marks)

    def batch_of_one(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """Output and gradient for a single example; the first axis of `shape` becomes 1."""
        return self.keeps("a batch of one", Contract.batch_of_one, shape, **marks)

    def second_call(self, first: Shape, second: Shape, **marks: Unpack[Marks]) -> Check:
        """A call with another shape after the first, and two instances side by side."""
        what = "a second call with another shape"
        return self.keeps(what, Contract.second_call, first, second, **marks)

    def float32(self, shape: Shape, rtol: float | None = None, **marks: Unpack[Marks]) -> Check:
        """float32 in, float32 out: output and all gradients; many layers need another `rtol`."""
        return self.keeps("float32 stays float32", Contract.float32, shape, rtol, **marks)

    def other_forms(
        self, *pairs: tuple[Layer, Shape], rtol: float | None = None, **marks: Unpack[Marks]
    ) -> Check:
        """The class with other arguments, each with an input, promises all the same: every
        gradient, added to what was there, float32, arguments unchanged, a shape refused."""
        what = "the same promises with other arguments"

        def promise(contract: Contract, _: Layer) -> None:
            contract.other_forms(*pairs, rtol=rtol)

        return self.keeps(what, promise, **marks)

    def unchanged_inputs(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """Output and gradient are right, and neither forward nor backward changes its arguments."""
        return self.keeps("inputs are not changed", Contract.unchanged_inputs, shape, **marks)

    def non_contiguous(self, shape: Shape, **marks: Unpack[Marks]) -> Check:
        """Inputs and gradients that are views: transposed, or every second column."""
        return self.keeps("inputs that are views", Contract.non_contiguous, shape, **marks)

    def stability(
        self,
        values: Array | Callable[[np.random.Generator], Array],
        target: Array | None = None,
        quiet: bool = False,
        **marks: Unpack[Marks],
    ) -> Check:
        """Output and gradient at extreme values, or at values that a function of rng draws.

        quiet: NumPy must not warn in forward, either.
        """
        return self.keeps("extreme values", Contract.stability, values, target, quiet, **marks)

    def wrong_shape(
        self, *shapes: Shape, right: Shape | None = None, **marks: Unpack[Marks]
    ) -> Check:
        """These inputs are errors; after a right one, so is a grad_out of another shape."""
        what = f"{'an input' if shapes else 'a gradient'} of the wrong shape is an error"
        promise = partial(Contract.wrong_shape, right=right)
        return self.keeps(what, promise, *shapes, **marks)

    def keeps(
        self, what: str, promise: Callable[..., None], *args: Any, **marks: Unpack[Marks]
    ) -> Check:
        """A check that an instance keeps a promise: `promise(contract, layer, *args)` compares."""

        def kept(contract: Contract, /) -> None:
            promise(contract, self, *args)

        title = f"{self.name}: {marks.get('title', what)}"
        needs = marks.get("needs", f"test_{snake(self.name)}_forward")
        return check(title, kept, weight=marks.get("weight", 1), needs=needs)


def snake(name: str) -> str:
    """A class's name in that of its checks: BCELoss -> bce_loss, MaxPool2d -> max_pool2d."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return words.replace("re_lu", "relu")
