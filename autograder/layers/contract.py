"""What every layer of the course promises, each checked against torch by one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.layers import refusals
from autograder.layers.arrays import as_float32, strided
from autograder.layers.gradients import input_gradients
from autograder.oracle.expected import Oracle
from autograder.parity.compare import Parity
from autograder.results import Comparison
from autograder.sandbox.remote import Package, Remote, RemoteWorker
from autograder.sandbox.session import StudentError

if TYPE_CHECKING:
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]


class Contract:
    """The promises of a `Layer`. `rng` draws parameters, inputs and gradients."""

    def __init__(
        self,
        student: Package,
        worker: RemoteWorker,
        rng: np.random.Generator,
        oracle: Oracle,
        parity: Parity,
    ) -> None:
        self.student, self.worker, self.rng = student, worker, rng
        self.oracle, self.parity = oracle, parity

    def make(self, layer: Layer, parameters: Mapping[str, Array] | None = None) -> Remote:
        """An instance in the worker, with these parameters instead of its initial ones."""
        instance = layer.instance(self)
        if parameters:
            instance.load_state_dict(dict(parameters))
        return instance

    def draw_parameters(self, layer: Layer) -> dict[str, Array]:
        return {name: self.rng.standard_normal(shape) for name, shape in layer.parameters.items()}

    def expect(
        self,
        layer: Layer,
        parameters: Mapping[str, Array],
        inputs: Sequence[Array],
        grad_out: Array | np.floating[Any] | float | None = None,
        training: bool = True,
        picked: Mapping[str, Array] | None = None,
    ) -> SimpleNamespace:
        """What torch gives for the same parameters and inputs; of large results, picked entries."""
        last = len(inputs) - 1 if layer.draw_target else len(inputs)  # behind it stands a target
        expected: SimpleNamespace = getattr(self.oracle, layer.oracle)(
            layer.torch_name or layer.name,
            list(layer.args),
            dict(layer.options),
            dict(parameters),
            list(inputs[:last]),
            grad_out,
            *inputs[last:],
            training=training,
            **({} if picked is None else {"picked": dict(picked)}),
        )
        return expected

    def upstream(self, layer: Layer, parameters: Mapping[str, Array], inputs: list[Array]) -> Any:
        """A random dL/d(output): never ones, with which some gradients vanish."""
        output = self.expect(layer, parameters, inputs).output
        grad = self.rng.standard_normal(output.shape)
        return float(grad) if output.ndim == 0 else grad

    def forward(self, layer: Layer, shape: Shape) -> None:
        """The output."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        expected = self.expect(layer, parameters, inputs)
        self.parity("output", self.make(layer, parameters).forward(*inputs), expected.output)

    def backward(self, layer: Layer, shape: Shape) -> None:
        """The gradient of the input."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        grad_out = self.upstream(layer, parameters, inputs)
        expected = self.expect(layer, parameters, inputs, grad_out)
        instance = self.make(layer, parameters)
        instance.forward(*inputs)
        input_gradients(self.parity, "gradient of the input", instance.backward(grad_out), expected)

    def parameter_grads(self, layer: Layer, shape: Shape) -> None:
        """The gradients of the parameters, and that a second backward adds to them."""
        parameters = self.draw_parameters(layer)
        instance = self.make(layer, parameters)
        total = dict.fromkeys(parameters, 0.0)
        for when in ("", " after a second backward"):
            inputs = layer.inputs(self.rng, shape)
            grad_out = self.upstream(layer, parameters, inputs)
            expected = self.expect(layer, parameters, inputs, grad_out)
            instance.forward(*inputs)
            instance.backward(grad_out)
            for name in parameters:
                total[name] = total[name] + getattr(expected, f"grad_{name}")
                got = instance.read(f"{name}.grad")
                self.parity(f"gradient of {name}{when}", got, total[name])

    def float32(self, layer: Layer, shape: Shape, rtol: float | None = None) -> None:
        """float32 in, float32 out: output, gradient of the input and of the parameters."""
        parameters = {n: v.astype(np.float32) for n, v in self.draw_parameters(layer).items()}
        inputs = [as_float32(value) for value in layer.inputs(self.rng, shape)]
        grad_out = self.upstream(layer, parameters, inputs)
        grad_out = np.float32(grad_out) if isinstance(grad_out, float) else as_float32(grad_out)
        expected = self.expect(layer, parameters, inputs, grad_out)
        instance = self.make(layer, parameters)
        compare = partial(self.parity, rtol=rtol)
        compare("output", instance.forward(*inputs), as_float32(expected.output))
        grad = instance.backward(grad_out)
        input_gradients(self.parity, "gradient of the input", grad, expected, np.float32, rtol)
        for name in parameters:
            wanted = as_float32(getattr(expected, f"grad_{name}"))
            compare(f"gradient of {name}", instance.read(f"{name}.grad"), wanted)

    def unchanged_inputs(self, layer: Layer, shape: Shape) -> None:
        """Forward and backward are right, and neither changes what it is given."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        grad_out = np.asarray(self.upstream(layer, parameters, inputs))
        expected = self.expect(layer, parameters, inputs, grad_out)
        second = "the target" if layer.draw_target else "the second input"
        named = dict(zip(("the input", second), inputs, strict=False))
        got = self.untouched(self.make(layer, parameters), named, {"grad_out": grad_out})
        self.parity("output", got[0], expected.output)
        input_gradients(self.parity, "gradient of the input", got[1], expected)

    def untouched(
        self, instance: Remote, inputs: dict[str, Array], gradients: dict[str, Array]
    ) -> tuple[Any, Any]:
        """Neither forward nor backward of this instance changes these arrays.

        Returns:
            What forward and backward returned. Compare it in the same check: one that does
            nothing changes nothing.
        """
        kept = {name: self.worker.keep(value) for name, value in (inputs | gradients).items()}
        output = instance.forward(*(kept[name] for name in inputs))
        for name, value in inputs.items():
            got = self.worker.fetch(kept[name])
            self.parity(f"{name}, after forward", got, value, trivial=True)
        grad = instance.backward(*(kept[name] for name in gradients))
        for name, value in (inputs | gradients).items():
            got = self.worker.fetch(kept[name])
            self.parity(f"{name}, after backward", got, value, trivial=True)
        return output, grad

    def batch_of_one(self, layer: Layer, shape: Shape) -> None:
        """A batch with a single example."""
        self.both(layer, (1, *shape[1:]))

    def both(self, layer: Layer, shape: Shape) -> None:
        """Output and gradient of the input for another shape or other arguments."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        self.both_of(layer, parameters, inputs)

    def both_of(self, layer: Layer, parameters: Mapping[str, Array], inputs: list[Array]) -> None:
        """Output and gradient of the input for these values."""
        grad_out = self.upstream(layer, parameters, inputs)
        expected = self.expect(layer, parameters, inputs, grad_out)
        instance = self.make(layer, parameters)
        self.parity("output", instance.forward(*inputs), expected.output)
        input_gradients(self.parity, "gradient of the input", instance.backward(grad_out), expected)

    def second_call(self, layer: Layer, first: Shape, second: Shape) -> None:
        """A call with another shape after the first, and two instances side by side."""
        parameters = self.draw_parameters(layer)
        one, two = self.make(layer, parameters), self.make(layer, parameters)
        before, after = layer.inputs(self.rng, first), layer.inputs(self.rng, second)
        grad_before = self.upstream(layer, parameters, before)
        grad_after = self.upstream(layer, parameters, after)
        one.forward(*before)
        one.backward(grad_before)
        wanted = self.expect(layer, parameters, after, grad_after)
        self.parity("output of the second call", one.forward(*after), wanted.output)
        two.forward(*before)  # must not disturb what the first instance remembers
        got = one.backward(grad_after)
        input_gradients(self.parity, "gradient of the second call", got, wanted)
        wanted = self.expect(layer, parameters, before, grad_before)
        got = two.backward(grad_before)
        input_gradients(self.parity, "gradient of another instance", got, wanted)
        got = two.backward(grad_before)  # what forward has kept is still there
        input_gradients(self.parity, "gradient of a second backward", got, wanted)

    def stability(
        self,
        layer: Layer,
        values: Array | Callable[[np.random.Generator], Array],
        target: Array | None = None,
        quiet: bool = False,
    ) -> None:
        """Output and gradient at extreme values: finite, equal to torch's, without a warning."""
        x = values(self.rng) if callable(values) else values
        inputs = [x] if target is None else [x, target]
        self.both_of(layer, self.draw_parameters(layer), inputs)
        if quiet and not self.parity.evidence:  # of wrong values, NumPy has every right to warn
            self.quiet("forward", partial(self.make(layer).forward, *inputs))

    def quiet(self, what: str, call: Callable[[], Any]) -> None:
        """NumPy has nothing to warn of in this call."""
        self.worker.call("numpy.seterr", divide="raise", over="raise", invalid="raise")
        fault = None
        try:
            call()
        except StudentError as error:
            fault = error
        # (After a timeout or a crash there is nothing to put back: it went with the process.)
        self.worker.call("numpy.seterr", divide="warn", over="warn", invalid="warn")
        if fault is not None and "FloatingPointError" not in fault.kinds:
            raise fault
        if fault is not None:
            place = f"{fault.frames[-1].partition(' in ')[0]}: " if fault.frames else ""
            words = f"{what}: NumPy warns of: {place}{fault.message}"
            told = Comparison(what, False, "values", words)
            # Another's mistake warns of the same in another line.
            self.parity.add(told, f"{what}: NumPy warns of: {fault.message}")

    def non_contiguous(self, layer: Layer, shape: Shape) -> None:
        """Inputs and gradients that are views: transposed, or every second column."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        grad_out = self.upstream(layer, parameters, inputs)
        expected = self.expect(layer, parameters, inputs, grad_out)
        instance = self.make(layer, parameters)
        x, *rest = inputs
        got = instance.forward(np.asfortranarray(x), *rest)
        self.parity("output for a transposed view", got, expected.output)
        got = instance.forward(strided(x), *rest)
        self.parity("output for every second column", got, expected.output)
        view = strided(grad_out) if isinstance(grad_out, np.ndarray) else grad_out
        input_gradients(self.parity, "gradient of the input", instance.backward(view), expected)

    def refuses(
        self,
        what: str,
        call: Callable[[], Any],
        wanted: str = "a ValueError that names both shapes",
    ) -> None:
        """The call raises an error about shapes that don't fit, as torch does."""
        self.parity.refuses(what, call, wanted)

    def wrong_shape(self, layer: Layer, *shapes: Shape, right: Shape | None = None) -> None:
        """Inputs of these shapes raise; after a right one, so does a grad_out of another shape."""
        refusals.wrong_shape(self, layer, *shapes, right=right)
